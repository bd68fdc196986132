import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who has which version open just now: one row a person, without history. Going back forgets it, and loses nothing."""

    dependencies = [
        ("approvals", "0004_event_kinds"),
        ("portal", "0002_role_groups"),
    ]
    operations = [
        migrations.CreateModel(
            name="Looking",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="+",
                        serialize=False, to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="approvals.version"
                    ),
                ),
            ],
        ),
    ]
