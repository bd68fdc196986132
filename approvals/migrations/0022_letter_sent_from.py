"""The first e-mail that left after an instant, without looking at all that left before."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("approvals", "0021_webhooks"),)

    operations = (
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("state", "sent")), fields=["written_at"], name="letter_sent_from"
            ),
        ),
    )
