import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Each attempt to hand a letter over, with what the mail server said. Letters sent before this have none."""

    dependencies = [
        ('approvals', '0014_part_accepted'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('began_at', models.DateTimeField()),
                ('text_left_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=10)),
                ('said', models.CharField(blank=True, max_length=500)),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tries', to='approvals.letter')),
            ],
            options={
                'ordering': ('number',),
                'constraints': [models.UniqueConstraint(fields=('letter', 'number'), name='one_attempt_a_number')],
            },
        ),
    ]
