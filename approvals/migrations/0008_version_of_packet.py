from django.db import migrations, models


class Migration(migrations.Migration):
    """What one packet has in force is asked of an index, whatever the number of packets."""

    dependencies = [
        ('approvals', '0007_rule_changes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='version',
            index=models.Index(fields=['packet', 'state', 'ends_at'], name='version_of_packet'),
        ),
    ]
