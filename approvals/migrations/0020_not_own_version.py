from django.db import migrations

from approvals import own_version


def forward(apps, schema_editor):
    own_version.put_on(schema_editor.connection)


def backward(apps, schema_editor):
    own_version.take_off(schema_editor.connection)


class Migration(migrations.Migration):
    """Nobody decides on a version they wrote, whatever wrote the row."""

    dependencies = [("approvals", "0019_pulse")]
    operations = [migrations.RunPython(forward, backward)]
