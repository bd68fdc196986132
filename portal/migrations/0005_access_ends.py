from django.db import migrations, models


class Migration(migrations.Migration):
    """When the access of an account ends."""

    dependencies = [
        ('portal', '0004_a_rule_for_each_role'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicaluser',
            name='access_ends',
            field=models.DateTimeField(blank=True, help_text='From this instant on they are out and cannot sign in (UTC). Auditors need one.', null=True, verbose_name='access ends'),
        ),
        migrations.AddField(
            model_name='user',
            name='access_ends',
            field=models.DateTimeField(blank=True, help_text='From this instant on they are out and cannot sign in (UTC). Auditors need one.', null=True, verbose_name='access ends'),
        ),
    ]
