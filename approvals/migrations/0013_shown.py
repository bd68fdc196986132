from django.db import migrations, models

BY = "By what they showed who they are. Empty: not asked."


class Migration(migrations.Migration):
    """How somebody showed who they are, beside what they decided. Decisions before this stay empty: it was not asked."""

    dependencies = [
        ('approvals', '0012_break_glass'),
    ]

    operations = [
        migrations.AddField(
            model_name='decision', name='shown_by', field=models.CharField(blank=True, help_text=BY, max_length=60, default=''), preserve_default=False,
        ),
        migrations.AddField(model_name='decision', name='shown_at', field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name='historicaldecision', name='shown_by', field=models.CharField(blank=True, help_text=BY, max_length=60, default=''), preserve_default=False,
        ),
        migrations.AddField(model_name='historicaldecision', name='shown_at', field=models.DateTimeField(null=True)),
    ]
