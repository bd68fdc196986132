"""From an empty machine to a signed packet, a reminder and a restored backup, with docs/operate.md and nothing else.

The steps tell one story and are gone in their order: all of them by `make proofs` (a minute and a half), the first by
`make test`.
"""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from approvals.documents import to_yaml
from tests.cast import content
from tests.conftest import PROOFS_FULL
from tests.house.reading import HERE
from tests.operating.documented import contained, script
from tests.operating.production import ADMIN_PASSWORD, Production, machine
from tests.operating.proxy import tls_proxy
from tests.operating.visiting import Visitor
from tests.servers.postgresql import postgresql

PASSWORD = "another long password for people"
TEAM = "Web platform"
ENDS = (datetime.now(UTC) + timedelta(days=20)).replace(hour=12, minute=0, second=0, microsecond=0)
SECTION = "On a machine of your own"
TABLES = "set -a; . /etc/agent-approvals/portal.env"  # the block that makes tables begins like this
Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """The machine, as the page's lines set it up: every day up to the tables, which take half a minute."""
    with postgresql() as url, machine(tmp_path_factory.mktemp("machine"), url) as made:
        whole = script(SECTION, made.set_up)
        before, tables, after = whole.partition(made.here(TABLES))
        assert tables and "manage.py migrate" in after
        made.shell(whole if PROOFS_FULL else before, typed=f"{ADMIN_PASSWORD}\n")
        yield made


@pytest.fixture(scope="module")
def visit(here: Production) -> Iterator[Visit]:
    """Signs a person in at the proxy; before the first, the roles and the proxy are started."""
    with ExitStack() as running:
        trusted: list[ssl.SSLContext] = []

        def sign_in(name: str, password: str = PASSWORD) -> Visitor:
            if not trusted:
                running.enter_context(here.roles())
                trusted.append(running.enter_context(tls_proxy(here.tls_port, here.port, here.folder)))
                until(lambda: answers(here))
            person = Visitor(f"https://127.0.0.1:{here.tls_port}/", trusted[0])
            person.sign_in(name, password)
            return person

        yield sign_in


def answers(here: Production) -> bool:
    """What the container's health check says."""
    asking = [sys.executable, "deploy/answers.py"]
    return subprocess.run(asking, cwd=HERE, env=here.environment(), check=False).returncode == 0


def until(done: Callable[[], bool], seconds: float = 90) -> None:
    """Return when it is so."""
    patience = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < patience, "It did not come about in time."
        time.sleep(0.1)


def secrets_are_private_and_the_roles_are_two(here: Production, visit: Visit) -> None:
    kept = list((here.folder / "etc").iterdir())
    assert len(kept) == 7 and all(path.stat().st_mode & 0o077 == 0 for path in kept)
    assert len((here.folder / "etc" / "secret_key").read_text().strip()) == 64
    with here.connect("approvals") as portal, pytest.raises(psycopg.errors.InsufficientPrivilege):
        portal.execute("CREATE TABLE of_mine (id int)")
    with here.connect("approvals_owner") as owner:
        owner.execute("CREATE TABLE tried (id int)")
        owner.execute("DROP TABLE tried")


def the_portals_role_owns_nothing(here: Production, visit: Visit) -> None:
    with here.connect("approvals") as portal:
        assert portal.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'approvals'").fetchone() == (0,)
        for statement in (
            "UPDATE approvals_event SET actor_name = 'Nobody'",
            "DELETE FROM approvals_event",
            "TRUNCATE approvals_event",
            "DROP TRIGGER approvals_event_no_change ON approvals_event",
            "ALTER TABLE approvals_event DISABLE TRIGGER ALL",
            "UPDATE approvals_historicalversion SET history_user_id = NULL",
            "DELETE FROM approvals_historicalpacket",
            "DELETE FROM django_migrations",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                portal.execute(statement)


def the_containers_make_tables_and_rights_with_the_same_lines(here: Production, visit: Visit) -> None:
    owner = {"DATABASE_URL_FILE": str(here.folder / "etc" / "owner_database_url")}
    here.manage(*contained("migrate")[2:], **owner)
    printed = here.manage(*contained("grant")[2:], **owner)
    assert 'REVOKE UPDATE, DELETE ON "approvals_event"' in printed


def the_first_administrator_makes_a_team_and_people(here: Production, visit: Visit) -> None:
    admin = visit("admin", ADMIN_PASSWORD)
    assert "max-age" in admin.headers["strict-transport-security"]
    assert all(cookie.secure for cookie in admin.jar)
    admin.go("/auth/group/add/")
    admin.press("Save", name=TEAM)
    with here.connect("approvals") as portal:
        groups = dict(portal.execute("SELECT name, id FROM auth_group").fetchall())
    for name, given, family, memberships in (
        ("erin", "Erin", "Ek", (TEAM, "Engineers")),
        ("tomas", "Tomás", "Ortiz", (TEAM, "Engineers")),
        ("sam", "Sam", "Sato", ("Security",)),
        ("sofia", "Sofia", "Silva", ("Security",)),
    ):
        admin.go("/portal/user/add/")
        admin.press("Save", username=name, password1=PASSWORD, password2=PASSWORD, usable_password="true")
        told = {"first_name": given, "last_name": family, "email": f"{name}@example.org", "time_zone": "UTC"}
        admin.press("Save", **told, groups=[str(groups[one]) for one in memberships])
    with here.connect("approvals") as portal:
        assert portal.execute("SELECT count(*) FROM portal_user WHERE email <> ''").fetchone() == (5,)


def a_packet_is_submitted_and_signed(here: Production, visit: Visit) -> None:
    asked = content(owner="erin", rollback_owner="erin", backup_owner="", ends=ENDS)
    (here.folder / "packet.yaml").write_text(to_yaml(asked))
    said = here.manage("import_packets", "--as", "erin", str(here.folder / "packet.yaml"))
    found = re.search(r"(AP-\d+) v1", said)
    assert found, said
    erin = visit("erin")
    erin.go(f"/packets/{found[1]}/v1/edit/")
    erin.press("Submit for review")
    sam = visit("sam")
    sam.go(f"/packets/{found[1]}/v1/")
    sam.press("Sign", verdict="approve", reason="Its scope is narrow.", password=PASSWORD)
    with here.connect("approvals") as portal:
        assert portal.execute("SELECT state FROM approvals_version").fetchall() == [("approved",)]
    until(lambda: any("approved" in str(letter["Subject"]) for letter in here.mail.heard))  # by scheduler and worker
    until(here.pokes_arrive)


def a_reminder_is_sent_seven_days_before_the_end(here: Production, visit: Visit) -> None:
    later = ENDS - timedelta(days=7) + timedelta(minutes=1) - datetime.now(UTC)
    here.manage(*contained("sweep")[2:], CLOCK_SHIFT=str(int(later.total_seconds())), DEMO="1")
    reminders = [letter for letter in here.mail.heard if "ends in 7 days" in str(letter["Subject"])]
    assert "erin@example.org" in {str(letter["To"]) for letter in reminders}
    assert len({str(letter["Message-ID"]) for letter in reminders}) == len(reminders)


def a_backup_is_restored_beside_it(here: Production, visit: Visit) -> None:
    places = here.places | {
        "/var/backups/agent-approvals": str(here.folder / "backups"),
        "runuser -u postgres -- createdb": here.program("createdb"),
    }
    taken = [word.replace("/backups", str(here.folder / "backups")) for word in contained("backup")[2:]]
    assert "SHA-256" in here.manage(*taken)
    assert contained("restore")[1:] == ["manage.py", "restore"]  # as the page's lines do
    said = here.shell(script("Backup and restore", places))
    print(said)
    assert "digests checked, the record append-only" in said
    assert (here.folder / "etc" / "keys.json").stat().st_mode & 0o777 == 0o600
    with here.connect("postgres") as live, here.connect("postgres", "approvals_again") as again:
        before = live.execute("SELECT id, body FROM approvals_event ORDER BY id").fetchall()
        after = again.execute("SELECT id, body FROM approvals_event ORDER BY id").fetchall()
        assert after[:-1] == before[: len(after) - 1] and len(after) > 10
        for question in ("SELECT id, digest FROM approvals_version", "SELECT id, reference FROM approvals_packet"):
            assert again.execute(question).fetchall() == live.execute(question).fetchall()


STEPS = (
    secrets_are_private_and_the_roles_are_two,
    the_portals_role_owns_nothing,
    the_containers_make_tables_and_rights_with_the_same_lines,
    the_first_administrator_makes_a_team_and_people,
    a_packet_is_submitted_and_signed,
    a_reminder_is_sent_seven_days_before_the_end,
    a_backup_is_restored_beside_it,
)


@pytest.mark.parametrize("step", STEPS if PROOFS_FULL else STEPS[:1], ids=lambda step: step.__name__)
def test_a_stranger_walks(step: Callable[[Production, Visit], None], here: Production, visit: Visit) -> None:
    step(here, visit)
