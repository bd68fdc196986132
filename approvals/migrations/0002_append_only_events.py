from django.db import migrations

from approvals import append_only


def forward(apps, schema_editor):
    append_only.put_on(schema_editor.connection)


def backward(apps, schema_editor):
    append_only.take_off(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
