from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether an account waits for its person: named by e-mail, never let in."""

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('portal', '0006_second_factor_rights'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicaluser',
            name='awaited',
            field=models.BooleanField(default=False, help_text='Somebody named this address in a packet. The account opens nothing until its person is let in.', verbose_name='named by e-mail, not here yet'),
        ),
        migrations.AddField(
            model_name='user',
            name='awaited',
            field=models.BooleanField(default=False, help_text='Somebody named this address in a packet. The account opens nothing until its person is let in.', verbose_name='named by e-mail, not here yet'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('awaited', False), ('is_active', False), _connector='OR'), name='awaited_is_not_let_in'),
        ),
    ]
