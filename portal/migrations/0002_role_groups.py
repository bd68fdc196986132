from django.db import migrations

from approvals import shipped


def forward(apps, schema_editor):
    shipped.roles(apps)


class Migration(migrations.Migration):
    """The role groups. Going back leaves them: people may be in them."""

    dependencies = [("portal", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
