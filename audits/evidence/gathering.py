"""What goes into a bundle: only what was sealed under its checkpoint and cannot change, so it is the same again."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from approvals.errors import Refused
from approvals.models import Event, Version
from approvals.printing.typeset import typeset
from approvals.vocabulary import ABOUT_LETTERS, EventKind
from audits import kept, note
from audits.evidence import verify
from audits.evidence.decided import decisions
from audits.evidence.mailed import footers, outcomes
from audits.evidence.packing import Folder
from audits.evidence.papers import paper
from audits.evidence.scope import Scope
from audits.models import Checkpoint
from audits.subtrees import Gap, Stored
from audits.tree import Forged, consistency, inclusion, leaf_hash, verify_inclusion

HERE = Path(__file__).parent
CHUNK = 500  # events read at once
MOST_EVENTS = 50_000
MOST_PAPERS = 100  # a paper takes as long as thousands of events
ABOUT_CONTENT = (EventKind.SUBMITTED, EventKind.APPROVED, EventKind.RENEWED)
REMEDY = "Run manage.py verify_record, and find out what happened, before anybody relies on this record."


@dataclass(frozen=True)
class Gathering:
    """The evidence about a scope, as the record stood at one checkpoint."""

    scope: Scope
    point: Checkpoint
    found: list[tuple[int, int, str, int | None]]  # index, key of the event, its kind, and of its version

    @classmethod
    def of(cls, scope: Scope, point: Checkpoint) -> Gathering:
        """Raises Refused when nothing was recorded of it by then, and when it is too much for one bundle."""
        rows = scope.events().filter(leaf__index__lt=point.size).order_by()
        found = sorted(rows.values_list("leaf__index", "pk", "kind", "version")[: MOST_EVENTS + 1])
        if not found:
            raise Refused("no_events", f"Nothing was recorded of {scope} by then.", "Choose another packet or period.")
        if len(found) > MOST_EVENTS:
            raise Refused(
                "bundle_too_large", f"More than {MOST_EVENTS:,} events belong to {scope}.", "Take shorter periods."
            )
        return cls(scope, point, found)

    def put_into(self, folder: Folder, key: Ed25519PrivateKey) -> None:
        """Every file, the statement last. Raises Refused when the record is not the one that was sealed."""
        folder.put("events.jsonl", (body + b"\n" for _, body in self._bodies()))
        folder.put("proofs.jsonl", self._proofs())
        for name, body in self._versions():
            folder.put(f"versions/{name}.json", [body])
        folder.put("decisions.json", [_json(self._decisions())])
        self._put_letters(folder)
        if len(self._subjects) <= MOST_PAPERS:
            for version in self._subjects:
                self._put_paper(folder, version)
        self._put_keys(folder, key)
        for name in ("README.txt", "verify.py"):
            folder.put(name, [(HERE / name).read_bytes()])
        sums = (f"{file.sha256}  {name}\n".encode() for name, file in sorted(folder.files.items()))
        folder.put("SHA256SUMS", sums)
        self._put_statement(folder, key)

    def _bodies(self, kinds: Collection[str] = ()) -> Iterator[tuple[int, bytes]]:
        """Index and body of each event, or of each of these kinds, in the order of the record."""
        found = [row for row in self.found if row[2] in kinds] if kinds else self.found
        for begin in range(0, len(found), CHUNK):
            rows = found[begin : begin + CHUNK]
            bodies = dict(Event.objects.filter(pk__in=[row[1] for row in rows]).values_list("pk", "body"))
            yield from ((row[0], bytes(bodies[row[1]])) for row in rows)

    def _proofs(self) -> Iterator[bytes]:
        root, size, stored = bytes(self.point.root), self.point.size, Stored()
        for index, body in self._bodies():
            try:
                path = inclusion(index, size, stored)
                verify_inclusion(leaf_hash(body), index, size, path, root)
            except (Gap, Forged):
                raise Refused(
                    "not_as_sealed", f"The event at index {index} is not the one that was sealed.", REMEDY
                ) from None
            yield _json({"index": index, "hashes": [one.hex() for one in path]}) + b"\n"

    @cached_property
    def _subjects(self) -> list[Version]:
        """The versions whose content the events name."""
        kinds = {*ABOUT_CONTENT, *verify.DECISIONS}
        keys = {version for _, _, kind, version in self.found if kind in kinds and version}
        rows = Version.objects.filter(pk__in=keys).exclude(digest="").select_related("packet")
        return list(rows.order_by("packet__reference", "number"))

    def _versions(self) -> Iterator[tuple[str, bytes]]:
        for version in self._subjects:
            yield f"{version.packet.reference}-v{version.number}", bytes(version.content or b"")

    def _decisions(self) -> list[dict[str, Any]]:
        given = ((version, index) for index, _, kind, version in self.found if kind in verify.DECISIONS and version)
        return sorted(decisions(given), key=lambda row: row["event"])

    def _put_letters(self, folder: Folder) -> None:
        """What became of e-mails, and that the checkpoints at their feet are of the same record as this one."""
        rows, point, stored = list(outcomes(self._bodies(ABOUT_LETTERS))), note.read(self.point.note), Stored()
        folder.put("letters.json", [_json(rows)])
        found = footers([row["letter"] for row in rows], point.origin, point.size)
        proofs = ((one, consistency(one.size, point.size, stored)) for one in found)
        folder.put(
            "consistency.jsonl",
            (
                _json({"size": one.size, "root": _base64(bytes(one.root)), "hashes": [node.hex() for node in path]})
                + b"\n"
                for one, path in proofs
            ),
        )

    def _put_paper(self, folder: Folder, version: Version) -> None:
        about = Event.objects.filter(packet=version.packet_id, leaf__index__lt=self.point.size)
        bodies = dict(about.values_list("leaf__index", "body"))
        life = verify.Life({index: json.loads(bytes(body)) for index, body in bodies.items()}, str(version.packet))
        printed = paper(version, life, self.point.at)
        folder.put(f"papers/{version.packet.reference}-v{version.number}.pdf", [typeset(printed)])

    def _put_keys(self, folder: Folder, key: Ed25519PrivateKey) -> None:
        """The checkpoint, the keys of this record so far, and the checkpoints that two of them signed."""
        known = kept.verifiers()
        signer = next((one for one in known if (one.name, one.key_id) in note.signers(self.point.note)), None)
        if signer is None:
            raise Refused(
                "no_seal_key", "The public key that signed this checkpoint is not among those kept here.",
                "Put back the file verifiers in the folder of the seal, from a backup.",
            )  # fmt: skip
        folder.put("checkpoint", [self.point.note.encode()])
        folder.put("checkpoint_key.pem", [pem(Ed25519PublicKey.from_public_bytes(signer.public))])
        folder.put("public_key.pem", [pem(key.public_key())])
        folder.put("keys.json", [_json([str(one) for one in known])])
        changes = Event.objects.filter(kind=EventKind.SEAL_KEY_CHANGED).order_by("leaf__index")
        for index in changes.exclude(leaf=None).values_list("leaf__index", flat=True):
            both = Checkpoint.objects.filter(size__gt=index).order_by("size")[0]
            folder.put(f"key_changes/{both.size}", [both.note.encode()])

    def _put_statement(self, folder: Folder, key: Ed25519PrivateKey) -> None:
        point, indexes = note.read(self.point.note), [row[0] for row in self.found]
        payload = _json({
            "_type": verify.STATEMENT,
            "subject": [
                {"name": name, "digest": {"sha256": file.sha256}} for name, file in sorted(folder.files.items())
            ],
            "predicateType": verify.PREDICATE,
            "predicate": {
                "scope": self.scope.as_data(),
                "record": {
                    "origin": point.origin, "size": point.size, "root": _base64(point.root),
                },
                "events": {"count": len(indexes), "first": indexes[0], "last": indexes[-1]},
                "versions": [{"name": str(one), "sha256": one.digest} for one in self._subjects],
            },
        })  # fmt: skip
        signature = key.sign(verify.pae(payload))
        folder.put("statement.json", [payload])
        folder.put("statement.sig", [signature])
        folder.put("bundle.dsse.json", [verify.envelope(payload, signature, key.public_key().public_bytes_raw())])


def pem(key: Ed25519PublicKey) -> bytes:
    """A public key as openssl reads it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _json(value: Any) -> bytes:
    return rfc8785.dumps(value)
