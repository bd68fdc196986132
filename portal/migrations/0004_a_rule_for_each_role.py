from django.db import migrations

from approvals.vocabulary import Role


def forward(apps, schema_editor):
    group, rule = apps.get_model("auth", "Group"), apps.get_model("portal", "SecondFactorRule")
    for role in Role:
        rule.objects.get_or_create(group=group.objects.get_or_create(name=role.value)[0])


class Migration(migrations.Migration):
    """One row for each role, asking for nothing yet. Going back drops the table anyway."""

    dependencies = [("portal", "0003_second_factors_and_attempts")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
