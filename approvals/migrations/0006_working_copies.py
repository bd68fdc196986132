import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Working copies of the packet form, and an index for how long a group usually takes to answer."""

    dependencies = [
        ("approvals", "0005_looking"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", models.JSONField(help_text="Name of the input to its text, as typed.")),
                ("revision", models.PositiveIntegerField(help_text="The draft's revision that was before their eyes.")),
                ("kept_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        help_text="Empty: a packet not there yet.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to="approvals.version",
                    ),
                ),
            ],
            options={"verbose_name_plural": "working copies"},
        ),
        migrations.AddConstraint(
            "workingcopy",
            models.UniqueConstraint(name="one_working_copy_of_a_draft", fields=["person", "version"]),
        ),
        migrations.AddConstraint(
            "workingcopy",
            models.UniqueConstraint(
                name="one_working_copy_of_a_new_packet", fields=["person"], condition=Q(version__isnull=True)
            ),
        ),
        migrations.AddIndex("decision", models.Index(name="decision_role_at", fields=["role", "-at"])),
    ]
