import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Break-glass: from when until when a version holds with signatures missing. A stop may be the system's own."""

    dependencies = [
        ('approvals', '0011_data_register'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalversion',
            name='glass_broken_at',
            field=models.DateTimeField(blank=True, help_text='In force from then, signatures missing.', null=True),
        ),
        migrations.AddField(
            model_name='historicalversion',
            name='glass_broken_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalversion',
            name='glass_broken_by_name',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name='historicalversion',
            name='glass_over_at',
            field=models.DateTimeField(blank=True, help_text='Signed by all, ended by a verdict, or lapsed.', null=True),
        ),
        migrations.AddField(
            model_name='historicalversion',
            name='glass_reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='historicalversion',
            name='glass_until',
            field=models.DateTimeField(blank=True, help_text='At the latest: a day on, or the own end.', null=True),
        ),
        migrations.AddField(
            model_name='version',
            name='glass_broken_at',
            field=models.DateTimeField(blank=True, help_text='In force from then, signatures missing.', null=True),
        ),
        migrations.AddField(
            model_name='version',
            name='glass_broken_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='version',
            name='glass_broken_by_name',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name='version',
            name='glass_over_at',
            field=models.DateTimeField(blank=True, help_text='Signed by all, ended by a verdict, or lapsed.', null=True),
        ),
        migrations.AddField(
            model_name='version',
            name='glass_reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='version',
            name='glass_until',
            field=models.DateTimeField(blank=True, help_text='At the latest: a day on, or the own end.', null=True),
        ),
        migrations.AlterField(
            model_name='suspension',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='version',
            index=models.Index(condition=models.Q(('glass_broken_at__isnull', False)), fields=['packet', 'glass_broken_at'], name='version_glass'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('glass_broken_at__isnull', True), ('glass_broken_by__isnull', True), ('glass_until__isnull', True), ('glass_over_at__isnull', True), ('glass_reason', '')), models.Q(('glass_broken_at__lt', models.F('glass_until')), ('glass_broken_by__isnull', False), models.Q(('glass_reason', ''), _negated=True)), _connector='OR'), name='glass_broken_whole'),
        ),
    ]
