
import django.db.models.deletion
import django.utils.timezone
import squids.models.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('squids', '0002_users_time_zone'),
    ]

    operations = [
        migrations.AddField(
            model_name='plan',
            name='interval',
            field=models.CharField(choices=[('monthly', 'Monthly'), ('daily', 'Daily')], default='monthly', help_text='How long a cycle is: the allowance is there anew each month, or each day.', max_length=7),
        ),
        migrations.AddField(
            model_name='squid',
            name='max_unique_results_per_run',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='squid',
            name='notify_email',
            field=models.EmailField(blank=True, help_text="Empty: the owner's address.", max_length=254),
        ),
        migrations.AddField(
            model_name='squid',
            name='run_notify',
            field=models.CharField(choices=[('never', 'Never'), ('on_success', 'When a run succeeds'), ('on_error', 'When a run fails or needs you')], default='never', max_length=10),
        ),
        migrations.AddField(
            model_name='user',
            name='allocation',
            field=models.CharField(choices=[('monthly', 'Monthly'), ('daily', 'Daily')], default='monthly', help_text="A monthly plan's credits: all at once, or what is left spread over the days.", max_length=7),
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(default=squids.models.ids.new_uid, editable=False, max_length=32, unique=True)),
                ('type', models.SlugField(help_text='The slug of the account type.', max_length=80)),
                ('name', models.CharField(max_length=200)),
                ('secret', models.TextField(editable=False, help_text='The cookies, encrypted.')),
                ('cookie_names', models.JSONField(default=list, editable=False)),
                ('status', models.CharField(choices=[('synchronized', 'Ready'), ('cookies_expired', 'Cookies expired'), ('wrong_credentials', 'Not accepted')], default='synchronized', max_length=20)),
                ('status_note', models.TextField(blank=True)),
                ('limits', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('synchronized_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='squid',
            name='accounts',
            field=models.ManyToManyField(blank=True, related_name='squids', to='squids.account'),
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('repeat', models.CharField(choices=[('minutes', 'Every so many minutes'), ('hours', 'Every so many hours'), ('daily', 'Every day'), ('weekly', 'Every week'), ('monthly', 'Every month'), ('cron', 'Cron expression')], max_length=7)),
                ('every', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('at', models.TimeField(blank=True, null=True)),
                ('weekdays', models.JSONField(blank=True, default=list)),
                ('day', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('cron', models.CharField(blank=True, max_length=200)),
                ('time_zone', models.CharField(max_length=64)),
                ('starts_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('is_active', models.BooleanField(default=True)),
                ('next_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('problem', models.TextField(blank=True, editable=False)),
                ('squid', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='schedule', to='squids.squid')),
            ],
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('owner', 'type', 'name'), name='account_name_once'),
        ),
        migrations.AddIndex(
            model_name='schedule',
            index=models.Index(condition=models.Q(('is_active', True)), fields=['next_at'], name='schedule_due'),
        ),
    ]
