from django.db import migrations

from approvals import shipped


def forward(apps, schema_editor):
    shipped.rights(apps)
    shipped.rules(apps)


class Migration(migrations.Migration):
    """The broad right and the shipped rules. Going back leaves them; the tables that hold them go with 0001."""

    dependencies = [
        ("approvals", "0002_append_only_events"),
        ("portal", "0002_role_groups"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
