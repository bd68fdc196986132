from django.db import migrations, models

from approvals import append_only
from audits.guards import CHECKPOINTS, LEAVES, SUBTREES


def forward(apps, schema_editor):
    for guarded in (LEAVES, SUBTREES, CHECKPOINTS):
        append_only.put_on(schema_editor.connection, guarded)


def backward(apps, schema_editor):
    for guarded in (LEAVES, SUBTREES, CHECKPOINTS):
        append_only.take_off(schema_editor.connection, guarded)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("approvals", "0014_part_accepted")]
    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("edge", models.BinaryField(help_text="The roots of the complete subtrees, from left to right.")),
                ("note", models.TextField(help_text="The signed note (C2SP tlog-checkpoint).")),
                ("at", models.DateTimeField()),
            ],
            options={"ordering": ("-size",)},
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("index", models.BigIntegerField(db_column="log_index", primary_key=True, serialize=False)),
                ("hash", models.BinaryField(help_text="SHA-256 of a zero byte and the event's body.")),
                ("event", models.OneToOneField(on_delete=models.PROTECT, related_name="leaf", to="approvals.event")),
            ],
            options={"verbose_name_plural": "leaves"},
        ),
        migrations.CreateModel(
            name="Subtree",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField(db_column="log_index")),
                ("hash", models.BinaryField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("level", "index"), name="one_subtree")]},
        ),
        migrations.RunPython(forward, backward),
    ]
