
import datetime
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def open_cycles(apps: Any, schema_editor: Any) -> None:
    """Balances were of calendar months in UTC, all of it from the plan."""
    for balance in apps.get_model('runs', 'Balance').objects.all():
        first = balance.starts_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        balance.ends_at = balance.refresh_at = (first + datetime.timedelta(days=32)).replace(day=1)
        balance.base = balance.allowance
        later = apps.get_model('runs', 'Balance').objects.filter(user=balance.user_id, starts_at__gt=balance.starts_at)
        balance.closed_at = balance.ends_at if later.exists() else None
        balance.save()


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0003_host_rules'),
        ('squids', '0003_accounts_and_schedules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day_ends_at', models.DateTimeField(blank=True, null=True)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('batch', models.PositiveIntegerField(default=0)),
                ('batch_ends_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Bonus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(help_text='In thousandths of a credit.')),
                ('note', models.CharField(blank=True, max_length=200)),
                ('by', models.CharField(max_length=200)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name_plural': 'bonuses',
            },
        ),
        migrations.CreateModel(
            name='Firing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('fired', 'Fired'), ('skipped', 'Skipped'), ('missed', 'Missed')], max_length=7)),
                ('note', models.TextField(blank=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.EmailField(max_length=254)),
                ('status', models.CharField(max_length=10)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='waiting', max_length=7)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PendingPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.PositiveSmallIntegerField(default=1)),
                ('data', models.TextField(help_text='JSON: rows, follow, functions, expected, stop, found_end.')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='ledgerentry',
            name='charge_once_per_page',
        ),
        migrations.RemoveField(
            model_name='run',
            name='expected_results',
        ),
        migrations.AddField(
            model_name='balance',
            name='base',
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='balance',
            name='bonus',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='balance',
            name='carried',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='balance',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='balance',
            name='interval',
            field=models.CharField(choices=[('monthly', 'Monthly'), ('daily', 'Daily')], default='monthly', max_length=7),
        ),
        migrations.AddField(
            model_name='balance',
            name='refresh_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='ledgerentry',
            name='part',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='run',
            name='forecast',
            field=models.JSONField(blank=True, help_text='What was foretold at launch, to compare with.', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='retry_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='retries', to='runs.run'),
        ),
        migrations.AddField(
            model_name='run',
            name='streak',
            field=models.JSONField(default=list, help_text="The requests that failed for the site's sake since it did."),
        ),
        migrations.AddField(
            model_name='run',
            name='troubles',
            field=models.PositiveSmallIntegerField(default=0, help_text='Pauses in a row since the site last answered well.'),
        ),
        migrations.AlterField(
            model_name='balance',
            name='ends_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.RunPython(open_cycles, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='run',
            name='reason',
            field=models.CharField(blank=True, choices=[('tasks_done', 'All tasks were processed.'), ('last_page_reached', 'The last page was reached.'), ('max_results_reached', 'Every task reached its limit of results.'), ('max_unique_results_reached', "The run's limit of unique results was reached."), ('aborted', 'Stopped by hand. What was collected is kept.'), ('deactivated', 'The squid was deactivated or deleted while the run was going.'), ('no_credits_left', 'The credits ran out.'), ('paused_by_hand', 'Paused by hand.'), ('no_accounts', 'No account is linked to the squid.'), ('no_account_available', 'Every account is busy in another run.'), ('cookies_expired', "The site no longer accepts the account's cookies."), ('wrong_credentials', 'The site does not accept the account.'), ('limit_exceeded', 'Every account has reached its daily limit.'), ('batch_wait', 'A batch is finished; the next one comes after a wait.'), ('too_many_requests', 'The site asked for fewer requests.'), ('website_inaccessible', 'The site cannot be reached.'), ('request_failed', 'The site answers with errors.'), ('module_under_maintenance', 'The crawler is under maintenance.'), ('slots_limit_exceeded', 'The run needs more slots than the plan has.'), ('crawler_error', 'The crawler failed. What was collected is kept.')], max_length=40),
        ),
        migrations.AlterField(
            model_name='run',
            name='wake_at',
            field=models.DateTimeField(blank=True, help_text='The next try of a run that waits, or is paused.', null=True),
        ),
        migrations.AlterField(
            model_name='runtask',
            name='reason',
            field=models.CharField(blank=True, choices=[('completed', 'Every page was read.'), ('last_page', 'The last page was reached.'), ('max_results', "The task's limit of results was reached."), ('too_old', 'Older items than the squid asks for were reached.'), ('stopped', 'The crawler found the end early.'), ('bad_input', "The task's values cannot work."), ('bad_page', 'A page was not what was expected.'), ('request_failed', 'A page could not be fetched.'), ('killed_worker', 'It ended its worker process twice, alone.'), ('run_ended', 'The run ended first.')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('status', 'paused')), fields=['wake_at'], name='run_paused_until'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('status', 'error')), fields=['wake_at'], name='run_resolved'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(fields=('request', 'function', 'part'), name='charge_once_per_page_part'),
        ),
        migrations.AddField(
            model_name='accountuse',
            name='account',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='use', to='squids.account'),
        ),
        migrations.AddField(
            model_name='accountuse',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='account_uses', to='runs.run'),
        ),
        migrations.AddField(
            model_name='bonus',
            name='balance',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bonuses', to='runs.balance'),
        ),
        migrations.AddField(
            model_name='firing',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='firings', to='runs.run'),
        ),
        migrations.AddField(
            model_name='firing',
            name='squid',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='firings', to='squids.squid'),
        ),
        migrations.AddField(
            model_name='notice',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='runs.run'),
        ),
        migrations.AddField(
            model_name='pendingpage',
            name='request',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='pending_page', to='runs.request'),
        ),
        migrations.AddField(
            model_name='pendingpage',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pending_pages', to='runs.run'),
        ),
        migrations.AddField(
            model_name='pendingpage',
            name='run_task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pending_pages', to='runs.runtask'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('user',), name='balance_one_open_per_user'),
        ),
        migrations.AddField(
            model_name='request',
            name='revived',
            field=models.BooleanField(db_default=False, default=False, help_text='Gave up before the run paused for a trouble.'),
        ),
        migrations.AddIndex(
            model_name='accountuse',
            index=models.Index(fields=['run'], name='runs_accoun_run_id_2c5a29_idx'),
        ),
        migrations.AddConstraint(
            model_name='bonus',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='bonus_adds_something'),
        ),
        migrations.AddConstraint(
            model_name='firing',
            constraint=models.UniqueConstraint(fields=('squid', 'due_at'), name='firing_once_per_due_time'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['next_try_at'], name='notice_waiting'),
        ),
    ]
