#!/usr/bin/env python3
"""Verifies an evidence bundle of Agent Approvals, offline and without the portal: python3 verify.py BUNDLE.

BUNDLE is the zip, or the folder it was unpacked to (the folder of this file when left out). Needs Python 3.9 or later
and the package cryptography, nothing else. Exit 0: everything agrees; 1: something does not; 2: bad use.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import zlib
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://agent-approvals.invalid/evidence/v1"
UNNAMED = ("bundle.dsse.json", "statement.json", "statement.sig")  # a statement cannot hold its own digest
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,99})?", re.ASCII)
FOOTER = re.compile(r"Checkpoint of the record:\s+(\S+)\s+(\d{1,19})\s+([A-Za-z0-9+/]{43}=)")
LOCAL, CENTRAL, END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
DAY_ONE = 0x21  # 1 January 1980: a zip has no earlier date
VERDICTS = {"approve": "approved it", "approve_narrower": "approved it narrower",
            "request_changes": "requested changes", "reject": "rejected it"}  # fmt: skip
DECISIONS = ("signed", "changes_requested", "rejected")
LETTERS = ("letter_sent", "letter_failed", "letter_unknown")
LINES = {"data_sources": "Allowed data sources", "tools": "Allowed tools and methods",
         "write_actions": "Allowed write actions", "human_approval": "Actions that require human approval",
         "never": "Never allowed", "files_read": "Files it may read", "files_change": "Files it may change",
         "commands": "Commands it may run"}  # fmt: skip


class Wrong(Exception):
    """Something in the bundle is not as it was taken; the text is a sentence."""


def canonical(value: Any) -> bytes:
    """Plain data as RFC 8785 writes it; enough for what stands in bundles, where every key is ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# The zip: stored, sorted, without dates or owners, so that the same files are the same bytes.


def local_header(name: bytes, crc: int, size: int) -> bytes:
    """What stands before the bytes of a file."""
    return LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, DAY_ONE, crc, size, size, len(name), 0) + name


def central_header(name: bytes, crc: int, size: int, offset: int) -> bytes:
    """The row of a file in the directory at the end."""
    mode = 0o100644 << 16
    return CENTRAL.pack(
        b"PK\1\2", 0x0314, 20, 0, 0, 0, DAY_ONE, crc, size, size, len(name), 0, 0, 0, 0, mode, offset
    ) + name  # fmt: skip


def ending(count: int, size: int, offset: int) -> bytes:
    """The last bytes."""
    return END.pack(b"PK\5\6", 0, 0, count, count, size, offset, 0)


class Packed:
    """A zip as the portal writes it, and no other: every byte is either a file's or known beforehand."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.places = file, dict[str, "tuple[int, int]"]()
        directory, head, last = b"", file.read(LOCAL.size), ""
        while head[:4] == b"PK\3\4":
            begin, (size, length) = file.tell() - LOCAL.size, LOCAL.unpack(head)[8:10]
            raw = file.read(length)
            data = file.read(size)
            crc, last = zlib.crc32(data), self._named(raw, last)
            if len(data) != size or head + raw != local_header(raw, crc, size):
                raise Wrong(f"The zip is not as the portal wrote it, at {last}. It was changed or packed again.")
            self.places[last] = (file.tell() - size, size)
            directory += central_header(raw, crc, size, begin)
            head = file.read(LOCAL.size)
        offset = file.tell() - len(head)
        if head + file.read(len(directory) + 100) != directory + ending(len(self.places), len(directory), offset):
            raise Wrong("The zip is not as the portal wrote it, in its directory. It was changed or packed again.")

    @staticmethod
    def _named(raw: bytes, last: str) -> str:
        name = raw.decode("ascii", "replace")
        if not NAME.fullmatch(name) or name <= last:
            raise Wrong(f"The zip holds a file under a name no bundle has: {name!a:.80}.")
        return name

    def names(self) -> list[str]:
        return list(self.places)

    def read(self, name: str) -> bytes:
        place, size = self.places.get(name, (0, -1))
        if size < 0:
            raise Wrong(f"{name} is missing.")
        self.file.seek(place)
        return self.file.read(size)


class Unpacked:
    """A folder the bundle was unpacked to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        found = sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*"))
        return [name for name in found if not (self.folder / name).is_dir() or (self.folder / name).is_symlink()]

    def read(self, name: str) -> bytes:
        path = self.folder / name
        if path.is_symlink() or not path.is_file():
            raise Wrong(f"{name} is missing, or no plain file.")
        return path.read_bytes()


Files = Any  # Packed or Unpacked


# Keys, signatures, and the tree of RFC 6962.


def public_key(pem: bytes) -> bytes:
    """The 32 bytes of an Ed25519 key in PEM."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise Wrong("A public key in PEM cannot be read.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Wrong("A public key in PEM is no Ed25519 key.")
    return key.public_bytes_raw()


def accepts(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def envelope(payload: bytes, signature: bytes, key: bytes) -> bytes:
    """The DSSE envelope; its key id is the one securesystemslib computes."""
    named = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": key.hex()}}
    signed = {"keyid": sha256(canonical(named)), "sig": base64.b64encode(signature).decode()}
    text = base64.b64encode(payload).decode()
    return canonical({"payload": text, "payloadType": PAYLOAD_TYPE, "signatures": [signed]})


def pae(payload: bytes) -> bytes:
    """What DSSE signs."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def note_signers(note: bytes, keys: list[bytes]) -> tuple[str, list[bytes]]:
    """The text of a signed note (C2SP), and which of these keys signed it."""
    text, gap, rest = note.decode().rpartition("\n\n")
    origin, signers = text.partition("\n")[0], []
    for line in rest[:-1].split("\n") if gap and rest.endswith("\n") else []:
        signed = base64.b64decode(line.removeprefix(f"— {origin} "), validate=True)
        for key in keys:
            named = hashlib.sha256(f"{origin}\n".encode() + b"\x01" + key).digest()[:4]
            if signed[:4] == named and accepts(key, signed[4:], f"{text}\n".encode()):
                signers.append(key)
    return f"{text}\n", signers


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a proof of inclusion leads to (RFC 9162, 2.1.3.2); empty when it leads nowhere."""
    here, last, found = index, size - 1, leaf
    for one in path:
        if last == 0 or len(one) != 32:
            return b""
        if here & 1 or here == last:
            found = hashlib.sha256(b"\x01" + one + found).digest()
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + one).digest()
        here, last = here >> 1, last >> 1
    return b"" if last else found


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """Whether a tree goes on from an earlier one (RFC 9162, 2.1.4.2)."""
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not 0 < old < new or not path or any(len(one) != 32 for one in path):
        return False
    here, last, was, now = old - 1, new - 1, path[0], path[0]
    while here & 1:
        here, last = here >> 1, last >> 1
    for one in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            was, now = (hashlib.sha256(b"\x01" + one + root).digest() for root in (was, now))
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            now = hashlib.sha256(b"\x01" + now + one).digest()
        here, last = here >> 1, last >> 1
    return last == 0 and (was, now) == (old_root, new_root)


class Bundle:
    """What was read, and what came of verifying it: sentences on what agrees, and on what does not."""

    def __init__(self, files: Files, trusted: bytes = b"", held: str = "") -> None:
        self.files, self.trusted, self.held = files, trusted, held
        self.agrees, self.wrong = list[str](), list[str]()
        self.events: dict[int, dict[str, Any]] = {}
        self.statement: dict[str, Any] = {}
        self.earlier: dict[int, str] = {}  # size and root of checkpoints that this record goes on from

    @property
    def is_whole(self) -> bool:
        """Whether all events of its packets are in it: those of a period are not."""
        return "packet" in self.statement["predicate"]["scope"]

    def verify(self) -> bool:
        """Whether everything agrees. What nobody signed is not looked into."""
        steps = (self._signature, self._digests, self._checkpoint, self._events, self._versions, self._decisions,
                 self._letters, self._held)  # fmt: skip
        for step in steps:
            try:
                step()
            except Wrong as wrong:
                self.wrong.append(str(wrong))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError, binascii.Error) as error:
                self.wrong.append(f"Something cannot be read as it is in a bundle ({type(error).__name__}: {error}).")
            if self.wrong:
                return False
        return True

    def _signature(self) -> None:
        read = self.files.read
        payload, signature, key = read("statement.json"), read("statement.sig"), public_key(read("public_key.pem"))
        if not accepts(key, signature, pae(payload)):
            raise Wrong("The signature in statement.sig is not one of statement.json by the key in public_key.pem.")
        if read("bundle.dsse.json") != envelope(payload, signature, key):
            raise Wrong("bundle.dsse.json is not statement.json with statement.sig.")
        self.statement = json.loads(payload)
        if (self.statement["_type"], self.statement["predicateType"]) != (STATEMENT, PREDICATE):
            raise Wrong("This statement is none about evidence of this kind: another verify.py belongs to it.")
        self.agrees.append(f"The statement is signed with the key {base64.b64encode(key).decode()}.")

    def _digests(self) -> None:
        """Every file there is stands in the statement, and every file of the statement is there."""
        told = {one["name"]: one["digest"]["sha256"] for one in self.statement["subject"]}
        there = [name for name in self.files.names() if name not in UNNAMED]
        if extra := sorted(set(there) - told.keys()):
            raise Wrong(f"{extra[0]!a:.100} does not belong to this bundle.")
        for name, digest in told.items():
            if sha256(self.files.read(name)) != digest:
                raise Wrong(f"{name} was changed.")
        self.agrees.append(f"The {len(told)} files are those it names, byte for byte, and there is no other.")

    def _checkpoint(self) -> None:
        """The record's checkpoint, signed with this key, or with an earlier one that belongs to it."""
        record, key = self.statement["predicate"]["record"], public_key(self.files.read("public_key.pem"))
        keys = [base64.b64decode(one.split("+", 2)[2])[1:] for one in json.loads(self.files.read("keys.json"))]
        text, signers = note_signers(self.files.read("checkpoint"), keys)
        if text.split("\n")[:3] != [record["origin"], str(record["size"]), record["root"]] or not signers:
            raise Wrong("The checkpoint is not signed with a key of this record, or not the one of the statement.")
        tied = self._tied(self.trusted or key, keys)
        if key not in tied:
            raise Wrong(
                "The key of this bundle is not the one you gave, and no change of keys leads from one to other."
            )
        self.agrees.append(
            f"The checkpoint of {record['origin']} over {record['size']} events is signed"
            + (" with the same key." if key in signers else f" with an earlier key, {self._told(signers[0])}")
            + ("" if key in signers else " tied to it by a checkpoint that both signed." if set(signers) & tied
               else " which only this statement vouches for: compare it with one you hold.")
        )  # fmt: skip
        self.agrees.append(
            "That key is the one you gave." if self.trusted == key
            else "The key you gave leads to it by a checkpoint that both signed." if self.trusted
            else "NOTE   The key came with the bundle. Compare it with one from elsewhere, or give that by --key."
        )  # fmt: skip

    @staticmethod
    def _told(key: bytes) -> str:
        return f"{base64.b64encode(key).decode()},"

    def _tied(self, key: bytes, keys: list[bytes]) -> set[bytes]:
        """The keys that checkpoints with two signatures tie to this one."""
        names = [name for name in self.files.names() if name.startswith("key_changes/")]
        pairs = [set(note_signers(self.files.read(name), keys)[1]) for name in names]
        tied = {key}
        for _ in pairs:
            tied = tied.union(*(pair for pair in pairs if pair & tied))
        return tied

    def _held(self) -> None:
        """The checkpoint somebody holds, from an e-mail or another bundle: is it of the same record?"""
        if not self.held:
            return
        found, record = FOOTER.search(self.held), self.statement["predicate"]["record"]
        origin, size, root = found.groups() if found else [*self.held.split("\n"), "", ""][:3]
        if origin != record["origin"] or not size.isdigit():
            raise Wrong("The checkpoint you gave is none, or is one of another record.")
        roots = {record["size"]: record["root"], **self.earlier}
        if int(size) not in roots:
            raise Wrong(
                f"The checkpoint you gave is over {size} events, the one of this bundle over {record['size']}: they "
                f"cannot be compared here. Have the bundle taken again with --at-checkpoint {size}."
            )
        if root != roots[int(size)]:
            raise Wrong("The record of this bundle is NOT the one of the checkpoint you gave: it was rewritten.")
        self.agrees.append(f"This is the record of the checkpoint you gave, over {size} events: not rewritten since.")

    def _letters(self) -> None:
        """E-mails as their outcomes tell, and the record of the checkpoints at their feet."""
        record = self.statement["predicate"]["record"]
        for row in map(json.loads, self.files.read("consistency.jsonl").splitlines()):
            roots, path = [base64.b64decode(one["root"]) for one in (row, record)], map(bytes.fromhex, row["hashes"])
            if not consistent(row["size"], roots[0], record["size"], roots[1], list(path)):
                raise Wrong(f"The record does not go on from its checkpoint over {row['size']} events.")
            self.earlier[row["size"]] = row["root"]
        told = {one["event"]: (one["letter"], one["to"]) for one in json.loads(self.files.read("letters.json"))}
        recorded = {index: (one["detail"]["letter"], one["detail"]["to"])
                    for index, one in self.events.items() if one["kind"] in LETTERS}  # fmt: skip
        if told != recorded:
            raise Wrong("letters.json does not hold the e-mails of the events.")
        self.agrees.append(f"The {len(told)} e-mails have their outcome in these events.")

    def _events(self) -> None:
        record, last = self.statement["predicate"]["record"], -1
        root = base64.b64decode(record["root"])
        bodies, proofs = (self.files.read(name).splitlines() for name in ("events.jsonl", "proofs.jsonl"))
        if len(bodies) != len(proofs):
            raise Wrong("There is not one proof for each event.")
        for body, row in zip(bodies, map(json.loads, proofs)):
            index, path = row["index"], [bytes.fromhex(one) for one in row["hashes"]]
            leaf = hashlib.sha256(b"\x00" + body).digest()
            if not last < index < record["size"] or root_of(leaf, index, record["size"], path) != root:
                raise Wrong(f"The event at index {index} is not in the record of this checkpoint.")
            self.events[index] = json.loads(body)
            last = index
        self.agrees.append(f"The {len(bodies)} events stand in that record, each by its proof of inclusion.")

    def _versions(self) -> None:
        self.contents = {
            name[len("versions/") : -len(".json")].replace("-v", " v"): self.files.read(name)
            for name in self.files.names() if name.startswith("versions/")
        }  # fmt: skip
        for name, body in self.contents.items():
            said = json.loads(body)
            if f"{said['reference']} v{said['version']}" != name:
                raise Wrong(f"The content of {name} calls itself {said['reference']} v{said['version']}.")
        for event in self.events.values():
            digest = event["detail"].get("version_digest" if event["kind"] in DECISIONS else "digest")
            body = self.contents.get(f"{event['packet']} v{event['version']}", b"")
            if event["kind"] in ("submitted", "approved", "renewed", *DECISIONS) and digest != sha256(body):
                raise Wrong(f"The content of {event['packet']} v{event['version']} is not the one of its events.")
        self.agrees.append(f"The content of {len(self.contents)} versions has the digests that the events name.")

    def _decisions(self) -> None:
        """Each decision's digest, from the version's, the cuts that stood then, and its own."""
        rows = {row["event"]: row for row in json.loads(self.files.read("decisions.json"))}
        decided = {index: one for index, one in self.events.items() if one["kind"] in DECISIONS}
        if rows.keys() != decided.keys():
            raise Wrong("decisions.json does not hold the decisions of the events.")
        for index, event in decided.items():
            row, said = rows[index], event["detail"]
            stood = sha256(canonical(row["cuts_before"])) if row["cuts_before"] else ""
            signed = {"version": said["version_digest"], "cuts": stood, "own": said["cuts"]}
            if sha256(canonical(signed)) != said["digest"] or row != decision(index, event, row["cuts_before"]):
                raise Wrong(f"The decision at index {index} did not sign what is here.")
        self.agrees.append(f"The {len(rows)} decisions signed these contents, with the cuts that stood then.")


def decision(index: int, event: dict[str, Any], cuts_before: list[Any]) -> dict[str, Any]:
    """A decision as decisions.json holds it: from its event, and the cuts that stood before it."""
    return {
        **event["detail"], **event["actor"], "event": index, "version": f"{event['packet']} v{event['version']}",
        "at": event["effective_at"], "cuts_before": cuts_before,
    }  # fmt: skip


# The five questions: who approved, what exactly, when, under which rule, and was it valid at that moment?


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def said_at(text: str) -> str:
    return f"{instant(text).astimezone(timezone.utc):%a %d %b %Y %H:%M:%S} UTC"


def visible(text: Any) -> str:
    """Text people typed, on one line, with what could not be seen or would move the others shown as it is written."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(text))


class Life:
    """When the versions of one packet held, by its events up to the checkpoint."""

    def __init__(self, events: dict[int, dict[str, Any]], reference: str) -> None:
        self.events = [one for _, one in sorted(events.items()) if one["packet"] == reference]

    def of(self, number: int, *kinds: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["version"] == number and one["kind"] in kinds]

    def granted(self, number: int) -> tuple[str, str] | None:
        """From when until when, as granted, given up and superseded; None when it was never approved."""
        approved = self.of(number, "approved", "renewed")
        if not approved:
            return None
        begins, ends = approved[0]["detail"]["in_force_from"], approved[0]["detail"]["ends_at"]
        nearer = [one["detail"]["cuts"].get("ends") for one in self.of(number, "given_up")]
        over = [one["effective_at"] for one in self.of(number, "superseded")]
        return begins, min([ends, *filter(None, nearer), *over], key=instant)

    def by_break_glass(self, number: int, moment: datetime) -> bool | None:
        """Whether it held with signatures missing; None when it did not stand in the place of others then."""
        broken = self.of(number, "glass_broken")
        if not broken or instant(broken[0]["effective_at"]) > moment:
            return None
        over = ("approved", "renewed", *DECISIONS[1:], "withdrawn", "discarded", "closed_idle", "suspended")
        settled = [
            one for one in self.of(number, *over) if one["kind"] != "suspended" or "break_glass" in one["detail"]
        ]
        if any(instant(one["recorded_at"]) <= moment for one in settled):
            return None
        return instant(broken[0]["detail"]["until"]) > moment

    def stopped(self, moment: datetime) -> str:
        """Why nothing of the packet held then; empty when nothing stopped it."""
        last = ""
        for one in self.events:
            if one["kind"] in ("suspended", "resumed", "revoked") and instant(one["effective_at"]) <= moment:
                last = one["kind"] if last != "revoked" else last
        return last if last != "resumed" else ""

    def in_force(self, moment: datetime) -> tuple[int | None, str]:
        """The version that held then, or None; and in words."""
        numbers = sorted({one["version"] for one in self.events if one["version"]}, reverse=True)
        if stopped := self.stopped(moment):
            return None, f"NO, the packet was {stopped} then"
        for number in numbers:
            by_glass = self.by_break_glass(number, moment)
            if by_glass is not None:
                return (
                    (number, f"yes, v{number}, by break-glass") if by_glass else (None, f"NO, v{number}'s day was over")
                )
        for number in numbers:
            span = self.granted(number)
            if span and instant(span[0]) <= moment < instant(span[1]):
                return number, f"yes, v{number}"
        return None, "NO, no version of it was in force then"


def answers(bundle: Bundle, at: str = "") -> list[str]:
    """The five questions, for each version here, in lines. Only after `verify` has said that everything agrees."""
    rows: list[str] = []
    sealed = bundle.files.read("checkpoint").decode().split("\n")[3].partition(" ")[2]
    for name, body in bundle.contents.items():
        said, (reference, _, number) = json.loads(body), name.partition(" v")
        life = Life(bundle.events, reference)
        rows += ["", f"{name}, agent {visible(said['agent'])}", f"  What exactly: content digest {sha256(body)}"]
        rows += [f"    Job: {visible(said['job'])}", f"    Identity: {visible(said['identity'])}"]
        lines = {**said, **said.get("run", {})}
        rows += [
            f"    {label}: {visible('; '.join(lines[key]) or 'none')}" for key, label in LINES.items() if key in lines
        ]
        rows += [f"    Every word of it: versions/{reference}-v{number}.json"]
        rows += [
            f"  Who, when, by which rule: {_told(one)}" for one in life.of(int(number), *DECISIONS, "glass_broken")
        ]
        span, never = life.granted(int(number)), "not approved" if bundle.is_whole else "not approved in this period"
        rows.append(f"  In force: {said_at(span[0])} until {said_at(span[1])}" if span else f"  In force: {never}")
        rows += [f"    {one['kind'].capitalize()} {said_at(one['effective_at'])} by {visible(one['actor']['name'])}"
                 for one in life.events if one["kind"] in ("suspended", "resumed", "revoked")]  # fmt: skip
    return rows + _valid(bundle, at, sealed) + [f"All of this is as the record stood {said_at(sealed)}."]


def _told(event: dict[str, Any]) -> str:
    said, who = event["detail"], event["actor"]
    verdict = VERDICTS.get(said.get("verdict", ""), "broke the glass")
    rule = f", under the rule “{visible(said['rule'])}”" if said.get("rule") else ""
    reason = f": “{visible(said['reason'])}”" if said["reason"] else ""
    shown = f", signed with {said['shown_by']}" if said["shown_by"] else ""
    return (
        f"{visible(who['name'])} ({visible(who['username'])}) {verdict} for {visible(said['role'])}, "
        f"{said_at(event['effective_at'])}{rule}{shown}{reason}"
    )


def _valid(bundle: Bundle, at: str, sealed: str) -> list[str]:
    if not at:
        return ["", "Was it valid at some moment? Ask again with --at, such as --at 2026-11-28T12:00:00Z"]
    rows = ["", f"Was it valid, {said_at(at)}?"]
    if not bundle.is_whole:
        return [*rows, "  What was before this period is not in it: ask the bundle of the packet."]
    if instant(at) > instant(sealed):
        rows.append("  That is after the record was sealed for this bundle: what happened since is not in it.")
    parents = {json.loads(body)["reference"]: json.loads(body)["parent"] for body in bundle.contents.values()}
    for reference, parent in parents.items():
        rows.append(f"  {reference}: {Life(bundle.events, reference).in_force(instant(at))[1]}")
        if parent:
            rows.append(f"    It is a run, and held only while {parent} did: that is in the bundle of {parent}.")
    return rows


def moment(text: str) -> str:
    """An instant as typed. Raises ValueError for one without its zone."""
    if instant(text).tzinfo is None:
        raise ValueError("no zone")
    return text


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verifies an evidence bundle, offline and without the portal.")
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).parent, help="the zip or its folder")
    parser.add_argument("--key", type=Path, help="a public key (PEM) you have from elsewhere")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint you hold, or an e-mail with one at its foot")
    parser.add_argument("--at", type=moment, help="was it valid then? Such as 2026-11-28T12:00:00Z")
    asked = parser.parse_args(given)
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        trusted = public_key(asked.key.read_bytes()) if asked.key else b""
        held = asked.checkpoint.read_text("utf-8", "replace") if asked.checkpoint else ""
        files: Files = Unpacked(asked.bundle) if asked.bundle.is_dir() else Packed(asked.bundle.open("rb"))
    except OSError as error:
        parser.error(str(error))
    except Wrong as wrong:
        return told(False, [], [str(wrong)], [])
    bundle = Bundle(files, trusted, held)
    whole = bundle.verify()
    return told(whole, bundle.agrees, bundle.wrong, answers(bundle, asked.at or "") if whole else [])


def told(whole: bool, agrees: list[str], wrong: list[str], rows: list[str]) -> int:
    """Say what was found; the exit code."""
    lines = [one if one.startswith("NOTE") else f"ok     {one}" for one in agrees]
    lines += [f"WRONG  {one}" for one in wrong] + rows
    verdict = "Everything in this bundle agrees." if whole else "This bundle is NOT as it was taken."
    sys.stdout.write("\n".join([*lines, "", verdict, ""]))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
