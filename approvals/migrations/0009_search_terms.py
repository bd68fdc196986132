import django.db.models.deletion
from django.db import migrations, models

from approvals.terms import terms_of


def forward(apps, schema_editor):
    """The terms of what is there already, packet by packet: memory stays flat."""
    term = apps.get_model("approvals", "SearchTerm")
    for packet in apps.get_model("approvals", "Packet").objects.select_related("agent").order_by("pk").iterator():
        found = sorted(terms_of(said(apps, packet)))
        term.objects.bulk_create([term(packet=packet, term=one) for one in found], 500)


def said(apps, packet):
    """As approvals.search_index reads it, of the tables as they were."""
    yield from (packet.reference, packet.agent.slug)
    versions = apps.get_model("approvals", "Version").objects.filter(packet=packet).order_by("-number")
    for job, task, identity, lines in versions.values_list("job", "task", "identity", "lines"):
        yield from (identity, job, task, *(line for rows in lines.values() for line in rows))
    added = apps.get_model("approvals", "Grant").objects.filter(version__packet=packet, since__isnull=False)
    for target, method in added.values_list("target", "method"):
        yield f"{target} {method or ''}"


class Migration(migrations.Migration):
    """The search index, filled from the packets that are there. Going back drops it: it can always be made anew."""

    dependencies = [
        ('approvals', '0008_version_of_packet'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.BinaryField(help_text='UTF-8, so that every database compares it alike.', max_length=200)),
                ('packet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='approvals.packet')),
            ],
            options={
                'indexes': [models.Index(fields=['term', 'packet'], name='search_term')],
                'constraints': [models.UniqueConstraint(fields=('packet', 'term'), name='one_search_term')],
            },
        ),
        migrations.AddIndex(
            model_name='version',
            index=models.Index(fields=['identity'], name='version_identity'),
        ),
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
