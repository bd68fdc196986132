from django.db import migrations, models


class Migration(migrations.Migration):
    """The record by its time: a period of it is read without the rest. Nothing is changed in it."""

    dependencies = [
        ('approvals', '0017_part_asked'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event', index=models.Index(fields=['-recorded_at', '-id'], name='event_recorded'),
        ),
    ]
