"""The bundle file: what a node hands to a supervisor or a court, as JSON.

The rules: reading gives data and no trust (comity.log.bundle judges it); bytes travel as canonical base64,
records and notes as the text that they are; members that a reader does not know are ignored.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.envelope import parse, parse_envelope, serialise
from comity.errors import Malformed
from comity.identifiers import check_team
from comity.log import note as notes
from comity.log.note import Note
from comity.log.record import Opening
from comity.v1.delivery_pb2 import OfficerSignature
from comity.v1.envelope_pb2 import Envelope

FORMAT = "comity-log-bundle-1"
MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProvenRecord:
    """A record's bytes, its index in the log and its inclusion proof under the bundle's checkpoint."""

    index: int
    record: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class OpenedCommitment:
    """Personal data shown on purpose: which record, which commitment, and what opens it."""

    index: int
    name: str
    opening: Opening


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was disclosed, under which record, and who approved it."""

    index: int
    content: bytes
    approvals: tuple[OfficerSignature, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything in the file, nothing verified."""

    team: str
    rosters: tuple[Envelope, ...]
    checkpoint: Note
    records: tuple[ProvenRecord, ...]
    earlier: Note | None = None
    consistency: tuple[bytes, ...] = ()
    opened: tuple[OpenedCommitment, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()

    def to_bytes(self) -> bytes:
        """The file: JSON, indented for people."""
        data: dict[str, Any] = {
            "format": FORMAT,
            "team": self.team,
            "rosters": [_encode(serialise(each)) for each in self.rosters],
            "checkpoint": self.checkpoint.to_bytes().decode(),
            "records": [
                {"index": each.index, "record": each.record.decode(), "proof": _encode_all(each.proof)}
                for each in self.records
            ],
        }
        if self.earlier:
            data["earlier"] = self.earlier.to_bytes().decode()
            data["consistency"] = _encode_all(self.consistency)
        if self.opened:
            data["opened"] = [_opened_to_json(each) for each in self.opened]
        if self.disclosures:
            data["disclosures"] = [_disclosure_to_json(each) for each in self.disclosures]
        return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """The bundle in a file; Malformed when it has not the form of one."""
        if len(data) > MAX_BYTES:
            raise Malformed("The bundle is too long.", field="bundle")
        try:
            return _read(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise Malformed(
                "The file is not a Comity log bundle.",
                field="bundle",
                remedy="export it again with `comity-node log export`",
            ) from problem


def _read(data: Mapping[str, Any]) -> Bundle:
    if data["format"] != FORMAT:
        raise Malformed("The bundle is of another format.", field="format")
    earlier = data.get("earlier")
    return Bundle(
        team=check_team(_text(data["team"])),
        rosters=tuple(parse_envelope(_decode(each)) for each in data["rosters"]),
        checkpoint=notes.parse(_text(data["checkpoint"]).encode()),
        records=tuple(
            ProvenRecord(_index(each), _text(each["record"]).encode(), _decode_all(each["proof"]))
            for each in data["records"]
        ),
        earlier=notes.parse(_text(earlier).encode()) if earlier is not None else None,
        consistency=_decode_all(data.get("consistency", [])),
        opened=tuple(_opened_from_json(each) for each in data.get("opened", [])),
        disclosures=tuple(_disclosure_from_json(each) for each in data.get("disclosures", [])),
    )


def _opened_to_json(each: OpenedCommitment) -> dict[str, Any]:
    value, salt = _encode(each.opening.value), _encode(each.opening.salt)
    return {"index": each.index, "name": each.name, "value": value, "salt": salt}


def _opened_from_json(data: Mapping[str, Any]) -> OpenedCommitment:
    opening = Opening(_decode(data["value"]), _decode(data["salt"]))
    return OpenedCommitment(_index(data), _text(data["name"]), opening)


def _disclosure_to_json(each: Disclosure) -> dict[str, Any]:
    approvals = [_encode(serialise(approval)) for approval in each.approvals]
    return {"index": each.index, "content": _encode(each.content), "approvals": approvals}


def _disclosure_from_json(data: Mapping[str, Any]) -> Disclosure:
    approvals = (parse(OfficerSignature, _decode(each), "approvals") for each in data["approvals"])
    return Disclosure(_index(data), _decode(data["content"]), tuple(approvals))


def _index(data: Mapping[str, Any]) -> int:
    index = data["index"]
    if type(index) is not int or index < 0:
        raise TypeError("index expected")
    return index


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: Any) -> bytes:
    return notes.decode_base64(_text(text), "bundle")


def _encode_all(hashes: Sequence[bytes]) -> list[str]:
    return [_encode(each) for each in hashes]


def _decode_all(texts: Any) -> tuple[bytes, ...]:
    if not isinstance(texts, list):
        raise TypeError("list expected")
    return tuple(_decode(each) for each in texts)
