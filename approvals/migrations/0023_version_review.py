from django.db import migrations, models


class Migration(migrations.Migration):
    """What is in review by the answer that is due first, for both databases: SQLite reads no index of a part here."""

    dependencies = [
        ('approvals', '0022_letter_sent_from'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='version', name='version_review'),
        migrations.AddIndex(
            model_name='version', index=models.Index(fields=['state', 'answer_by', 'id'], name='version_review'),
        ),
    ]
