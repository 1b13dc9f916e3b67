
import itertools
from collections import Counter
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def sum_up(apps: Any, schema_editor: Any) -> None:
    """The ledger so far, run by run."""
    spending = apps.get_model('runs', 'Spending')
    entries = apps.get_model('runs', 'LedgerEntry').objects.filter(hits__gt=0).order_by('run')
    rows = entries.values_list('run', 'run__owner', 'function', 'at', 'hits', 'amount')
    for run, of_run in itertools.groupby(rows.iterator(), key=lambda row: row[0]):
        hits: Counter[Any] = Counter()
        amounts: Counter[Any] = Counter()
        owner = 0
        for _, owner, function, at, found, amount in of_run:
            quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
            hits[function, quarter] += found
            amounts[function, quarter] += amount
        spending.objects.bulk_create([
            spending(owner_id=owner, run_id=run, function=function, at=at, hits=count, amount=amounts[function, at])
            for (function, at), count in hits.items()
        ], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0004_pauses_and_cycles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Spending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('function', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('hits', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='spendings', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='spendings', to='runs.run')),
            ],
            options={
                'indexes': [models.Index(fields=['owner', 'at'], name='spending_of_owner')],
                'constraints': [models.UniqueConstraint(fields=('run', 'function', 'at'), name='spending_once_per_quarter')],
            },
        ),
        migrations.RunPython(sum_up, migrations.RunPython.noop),
    ]
