import approvals.vocabulary
from django.db import migrations, models


class Migration(migrations.Migration):
    """The words of event kinds are asked when needed, so that a new kind changes no table. Nothing is rewritten."""

    dependencies = [("approvals", "0003_rights_and_rules")]
    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(choices=approvals.vocabulary.event_kinds, max_length=32),
        ),
    ]
