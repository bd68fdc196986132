import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes of the data register and of second factor rules that wait for a second administrator."""

    dependencies = [
        ('portal', '0007_awaited'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalLoosening',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('what', models.CharField(help_text='The kind of row it changes.', max_length=40)),
                ('row', models.PositiveBigIntegerField(blank=True, help_text='Its key; empty for a new row.', null=True)),
                ('name', models.CharField(max_length=300)),
                ('before', models.JSONField(blank=True, default=dict)),
                ('after', models.JSONField(default=dict)),
                ('less', models.JSONField(default=list, help_text='Where it asks for less, in sentences.')),
                ('asked_by_name', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('waiting', 'Waiting'), ('applied', 'Applied'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=10)),
                ('decided_by_name', models.CharField(blank=True, max_length=150)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('asked_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical loosening',
                'verbose_name_plural': 'historical loosenings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Loosening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(help_text='The kind of row it changes.', max_length=40)),
                ('row', models.PositiveBigIntegerField(blank=True, help_text='Its key; empty for a new row.', null=True)),
                ('name', models.CharField(max_length=300)),
                ('before', models.JSONField(blank=True, default=dict)),
                ('after', models.JSONField(default=dict)),
                ('less', models.JSONField(default=list, help_text='Where it asks for less, in sentences.')),
                ('asked_by_name', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('waiting', 'Waiting'), ('applied', 'Applied'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=10)),
                ('decided_by_name', models.CharField(blank=True, max_length=150)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-pk',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'applied'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='loosened_by_two')],
            },
        ),
    ]
