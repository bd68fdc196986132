from django.db import migrations, models


class Migration(migrations.Migration):
    """Asked to accept a part and not accepted yet: a row without an instant. Backup owners can be asked too."""

    dependencies = [
        ('approvals', '0016_undelivered'),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalpartaccepted',
            name='at',
            field=models.DateTimeField(blank=True, help_text='Empty: asked, not accepted yet, and submit waits.', null=True),
        ),
        migrations.AlterField(
            model_name='historicalpartaccepted',
            name='part',
            field=models.CharField(choices=[('owner', 'Agent owner'), ('backup_owner', 'Backup owner'), ('rollback_owner', 'Rollback owner')], max_length=20),
        ),
        migrations.AlterField(
            model_name='partaccepted',
            name='at',
            field=models.DateTimeField(blank=True, help_text='Empty: asked, not accepted yet, and submit waits.', null=True),
        ),
        migrations.AlterField(
            model_name='partaccepted',
            name='part',
            field=models.CharField(choices=[('owner', 'Agent owner'), ('backup_owner', 'Backup owner'), ('rollback_owner', 'Rollback owner')], max_length=20),
        ),
    ]
