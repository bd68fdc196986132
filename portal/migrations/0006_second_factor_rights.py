from django.db import migrations

from approvals import shipped


def forward(apps, schema_editor):
    shipped.second_factor_rights(apps)


class Migration(migrations.Migration):
    """Administrators may say which roles need a second factor. Going back leaves the right, which then opens nothing."""

    dependencies = [
        ("portal", "0005_access_ends"),
        ("approvals", "0003_rights_and_rules"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
