import approvals.models.register
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from approvals import shipped


def forward(apps, schema_editor):
    shipped.register_rights(apps)


class Migration(migrations.Migration):
    """The data register, its class as a condition of sign-off rules, and findings that a signer accepted."""

    dependencies = [
        ('approvals', '0010_presence'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(help_text="Place of the finding in the version's findings, from 0.")),
                ('finding', models.JSONField()),
                ('reason', models.TextField()),
                ('by_name', models.CharField(max_length=150)),
                ('role', models.CharField(help_text='The group they accepted it for.', max_length=150)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('place',),
            },
        ),
        migrations.CreateModel(
            name='DataTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pattern', models.CharField(help_text='As it stands in a line: crm.customers, or crm.* for everything that begins so.', max_length=300, unique=True, validators=[approvals.models.register.check_pattern], verbose_name='target')),
                ('first', models.CharField(db_index=True, editable=False, help_text='The word it is looked up by.', max_length=300)),
                ('name', models.CharField(help_text='What people call this data: Customer records.', max_length=120)),
                ('data_class', models.CharField(choices=[('public', 'public data'), ('internal', 'internal data'), ('customer', 'customer data'), ('production', 'production data')], max_length=16, verbose_name='class')),
                ('is_active', models.BooleanField(default=True, help_text='Entries are switched off, never deleted.')),
            ],
            options={
                'verbose_name': 'data register entry',
                'verbose_name_plural': 'data register',
                'ordering': ('pattern',),
            },
        ),
        migrations.CreateModel(
            name='HistoricalAcceptance',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(help_text="Place of the finding in the version's findings, from 0.")),
                ('finding', models.JSONField()),
                ('reason', models.TextField()),
                ('by_name', models.CharField(max_length=150)),
                ('role', models.CharField(help_text='The group they accepted it for.', max_length=150)),
                ('at', models.DateTimeField()),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical acceptance',
                'verbose_name_plural': 'historical acceptances',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalDataTarget',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('pattern', models.CharField(db_index=True, help_text='As it stands in a line: crm.customers, or crm.* for everything that begins so.', max_length=300, validators=[approvals.models.register.check_pattern], verbose_name='target')),
                ('first', models.CharField(db_index=True, editable=False, help_text='The word it is looked up by.', max_length=300)),
                ('name', models.CharField(help_text='What people call this data: Customer records.', max_length=120)),
                ('data_class', models.CharField(choices=[('public', 'public data'), ('internal', 'internal data'), ('customer', 'customer data'), ('production', 'production data')], max_length=16, verbose_name='class')),
                ('is_active', models.BooleanField(default=True, help_text='Entries are switched off, never deleted.')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical data register entry',
                'verbose_name_plural': 'historical data register',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='historicalsignoffrule',
            name='data_class',
            field=models.CharField(blank=True, choices=[('public', 'public data'), ('internal', 'internal data'), ('customer', 'customer data'), ('production', 'production data')], max_length=16),
        ),
        migrations.AddField(
            model_name='historicalversion',
            name='data_class',
            field=models.CharField(blank=True, choices=[('public', 'public data'), ('internal', 'internal data'), ('customer', 'customer data'), ('production', 'production data')], help_text='The gravest class of the data it reaches, by the data register at submit; empty: it names no data.', max_length=16),
        ),
        migrations.AddField(
            model_name='signoffrule',
            name='data_class',
            field=models.CharField(blank=True, choices=[('public', 'public data'), ('internal', 'internal data'), ('customer', 'customer data'), ('production', 'production data')], max_length=16),
        ),
        migrations.AddField(
            model_name='version',
            name='data_class',
            field=models.CharField(blank=True, choices=[('public', 'public data'), ('internal', 'internal data'), ('customer', 'customer data'), ('production', 'production data')], help_text='The gravest class of the data it reaches, by the data register at submit; empty: it names no data.', max_length=16),
        ),
        migrations.AddField(
            model_name='acceptance',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='acceptance',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='approvals.version'),
        ),
        migrations.AddField(
            model_name='datatarget',
            name='owner',
            field=models.ForeignKey(blank=True, help_text='A person, or a group below.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='data owner'),
        ),
        migrations.AddField(
            model_name='datatarget',
            name='owner_group',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='historicalacceptance',
            name='by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalacceptance',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalacceptance',
            name='version',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='approvals.version'),
        ),
        migrations.AddField(
            model_name='historicaldatatarget',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicaldatatarget',
            name='owner',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='A person, or a group below.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='data owner'),
        ),
        migrations.AddField(
            model_name='historicaldatatarget',
            name='owner_group',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.group'),
        ),
        migrations.AddConstraint(
            model_name='acceptance',
            constraint=models.UniqueConstraint(fields=('version', 'place'), name='one_acceptance_per_finding'),
        ),
        migrations.AddConstraint(
            model_name='datatarget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('owner__isnull', False), ('owner_group__isnull', True)), models.Q(('owner__isnull', True), ('owner_group__isnull', False)), _connector='OR'), name='data_has_one_owner', violation_error_message='Name a data owner: one person or one group.'),
        ),
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
