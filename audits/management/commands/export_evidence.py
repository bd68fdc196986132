"""`manage.py export_evidence AP-0042 --as NAME --reason TEXT --out F.zip`: evidence to take away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.core.management import BaseCommand, CommandError, CommandParser

from approvals import validity
from approvals.errors import Refused
from approvals.people import Person
from audits.evidence import Taken, take_packet, take_period
from audits.moments import MomentError, read_moment
from audits.people import named


class Command(BaseCommand):
    """Writes the bundle of what the person named by --as may see. It verifies without the portal."""

    help = "Write an evidence bundle. Taking it stands in the record, with who and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", nargs="?", help="the packet, such as AP-0042")
        parser.add_argument("--period", nargs=2, metavar=("FROM", "TO"), help="everything recorded then, in UTC")
        parser.add_argument("--as", dest="person", required=True, help="sign-in name of who takes it")
        parser.add_argument("--reason", required=True, help="one sentence; it is kept in the record")
        parser.add_argument("--out", required=True, help="the zip to write; a file that is there is left alone")
        parser.add_argument("--at-checkpoint", type=int, metavar="SIZE", help="as the record was at this checkpoint")

    def handle(self, *args: Any, reference: str | None, period: list[str] | None, **options: Any) -> None:
        if bool(reference) == bool(period):
            raise CommandError("Name a packet, or give --period FROM TO.")
        path = Path(options["out"])
        try:
            with path.open("xb+") as file:
                taken = _into(file, path, reference or "", period, options)
        except FileExistsError:
            raise CommandError(f"{path} is there already. Name another file.") from None
        except (OSError, MomentError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{path}: {taken.events} events, {taken.size:,} bytes, sealed by the checkpoint over {taken.checkpoint}.\n"
            f"SHA-256 {taken.sha256}\nVerify it anywhere: unpack verify.py, then python3 verify.py {path.name}"
        )


def _into(file: BinaryIO, path: Path, reference: str, period: list[str] | None, options: dict[str, Any]) -> Taken:
    """Take it into the file, which is gone again when that fails."""
    try:
        taker = named(options["person"])
        if not isinstance(taker, Person):
            raise CommandError("Say by --as who takes it.")
        given: Any = {"taker": taker, "reason": options["reason"], "at_checkpoint": options["at_checkpoint"]}
        if period:
            since, until = map(_moment, period)
            return take_period(since, until, file, **given)
        return take_packet(reference.upper(), file, **given)
    except Refused as refusal:
        path.unlink()
        raise CommandError(str(refusal)) from refusal
    except BaseException:
        path.unlink()
        raise


def _moment(typed: str) -> datetime:
    """A bare day is its beginning."""
    found = read_moment(typed, ZoneInfo("UTC"), validity.now())
    return found.at.replace(hour=0, minute=0, second=0, microsecond=0) if found.note else found.at
