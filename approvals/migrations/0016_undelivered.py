from django.db import migrations, models


class Migration(migrations.Migration):
    """Which e-mails reached nobody, apart from those that were not needed any more. Those of before count as neither."""

    dependencies = [
        ('approvals', '0015_attempts'),
    ]

    operations = [
        migrations.AddField(model_name='letter', name='undelivered', field=models.BooleanField(default=False)),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('undelivered', True)), fields=['-id'], name='letter_undelivered'),
        ),
    ]
