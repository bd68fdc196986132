"""Every packet of the demo, in every state, as PDF and as Markdown, for every account: who sees it gets it whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from approvals.models import Packet, Version
from approvals.vocabulary import TEN_LABELS
from portal.models import User
from tests.conftest import PROOFS_FULL
from tests.printing.reading import read
from tests.servers.demo import demo_rows

ACCOUNTS = ("engineer", "security", "admin", "outsider", "teammate", "security2", "auditor", "responder")
WALKERS = ACCOUNTS if PROOFS_FULL else ACCOUNTS[:4]  # everybody in `make proofs`


@pytest.fixture(scope="module")
def _demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo once for this whole module; taken back at its end."""
    with django_db_blocker.unblock(), demo_rows():
        yield


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("name", WALKERS)
def test_who_sees_it_can_print_it(name: str, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        person = User.objects.get(username=name)
        client = Client()
        client.force_login(person)
        seen = set(Packet.objects.visible_to(person).values_list("pk", flat=True))
        assert seen
        for version in Version.objects.select_related("packet"):
            status = 200 if version.packet_id in seen else 404
            pdf, text = (client.get(f"/packets/{version.packet}/v{version.number}.{kind}") for kind in ("pdf", "md"))
            assert (pdf.status_code, text.status_code) == (status, status), version
            assert status == 404 or pdf.content.startswith(b"%PDF-1.7")


@pytest.mark.usefixtures("_demo")
def test_each_holds_the_ten_labels_and_its_signers(django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        client = Client()
        client.force_login(User.objects.get(username="auditor"))
        for version in Version.objects.select_related("packet").prefetch_related("decisions"):
            where = f"/packets/{version.packet}/v{version.number}"
            found, text = read(client.get(f"{where}.pdf").content), client.get(f"{where}.md").content.decode()
            for words in (found.words, text.replace("**", "").replace("\\", "")):
                places = [words.index(label, words.index("Agent owner")) for label in TEN_LABELS]
                assert places == sorted(places)
                assert all(f"{one.person_name} " in words for one in version.decisions.all())
            if version.digest:
                assert list(found.files.values()) == [bytes(version.content or b"")]
