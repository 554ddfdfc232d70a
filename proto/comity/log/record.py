"""Log records: one schema that meets every text, without personal data in it.

The rules:

* One record, one operation of Article 25(1) of Directive (EU) 2016/680 (LED). The fields are the union of
  what LED Article 25, Regulation (EU) 2024/982 (Prüm II: 18, 33, 40, 45), Regulation (EU) 2023/969
  (Article 25) and Directive (EU) 2019/1153 (Articles 6, 17) ask for.
* A leaf of the tree is the record's canonical JSON: UTF-8, keys in order, no spaces, no null, empty fields
  left out.
* Personal data enters as a salted commitment only. Erasing the salt and the value makes the commitment
  meaningless, and the tree stays whole.
* A reader of an older version ignores fields it does not know; the bytes are what is proven.

Left to the caller: that `justification` and `case_reference` are codes or pseudonyms (free text about a
person belongs in a commitment), and keeping salts where erasure reaches them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from comity.envelope import Chance
from comity.errors import Corrupt, Malformed
from comity.log.merkle import leaf_hash

SCHEMA = "comity-log-1"
OPERATIONS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")
SALT_SIZE = 32  # bytes
MAX_BYTES = 64 * 1024
COMMITMENT_PREFIX = b"comity commitment v1"

_HEX32 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was applied: its id and the version (file hash) it had."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One operation on data. Empty text and empty tuples mean "not applicable"."""

    operation: str
    """One of `OPERATIONS` (LED 25(1))."""
    at: datetime
    """When it happened (all texts; the zone is written out: 2023/969, 25)."""
    user: str
    """Who: the officer's name inside the team, or the program's (LED 25(2))."""
    member: str
    """The team that asked for the operation (Prüm II, 18(1))."""
    recipients: tuple[str, ...] = ()
    """Teams or bodies that received data (LED 25(2))."""
    asked: tuple[str, ...] = ()
    """Nodes asked (Prüm II, 18(1))."""
    answered: tuple[str, ...] = ()
    """Nodes that answered (Prüm II, 18(1))."""
    replied_at: datetime | None = None
    """When the reply came, for a query (Prüm II, 18(1))."""
    justification: str = ""
    """Why, in a code or in words without personal data (LED 25(2))."""
    legal_basis: str = ""
    """Act and article."""
    case_reference: str = ""
    """Pseudonymised reference of the case (Prüm II, 33(2))."""
    offence: str = ""
    """Code of the offence catalogue, where applicable."""
    subject_category: str = ""
    """Suspect, victim, witness … (LED 6)."""
    aim: str = ""
    """"identify" or "more-data" (Prüm II)."""
    query_type: str = ""
    """Type of the data used for the query (2019/1153, 6(1))."""
    result_id: str = ""
    """Unique id of the result (2019/1153, 6(1))."""
    ordered_by: str = ""
    """The officer who ordered the query (2019/1153, 6(1))."""
    rules: tuple[Rule, ...] = ()
    """Rules applied, each with its version (LED 4(4))."""
    decision: str = ""
    """Outcome and reason code of the decision."""
    decision_id: str = ""
    """Where the stored decision is found for replay."""
    approvers: tuple[str, ...] = ()
    """Who approved, as "officer (role)"."""
    statement: str = ""
    """Digest of the signed envelope, 64 hexadecimal digits."""
    content_digest: str = ""
    """SHA-256 of what was disclosed, 64 hexadecimal digits (LED 37(3))."""
    approval_digest: str = ""
    """What the approvers signed, 64 hexadecimal digits; empty when it is `content_digest`."""
    transfer_ground: str = ""
    """Ground of a transfer to a third country (LED 37(3), 38(3))."""
    log_use: tuple[str, ...] = ()
    """What this record may be used for, where a text says so (LED 25(3))."""
    commitments: Mapping[str, str] = field(default_factory=dict)
    """Name to salted commitment of personal data, 64 hexadecimal digits each."""

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise Malformed("The operation is not one that the log knows.", field="operation")
        if not self.user or not self.member:
            raise Malformed("A record names the user and the member.", field="user")
        digests = (self.statement, self.content_digest, self.approval_digest)
        if not all(_HEX32.fullmatch(each) for each in digests if each):
            raise Malformed("A digest is written in 64 hexadecimal digits.", field="digest")
        if not all(_HEX32.fullmatch(each) for each in self.commitments.values()):
            raise Malformed("A commitment is written in 64 hexadecimal digits.", field="commitments")

    def to_bytes(self) -> bytes:
        """The canonical JSON: the leaf."""
        data: dict[str, Any] = {"schema": SCHEMA}
        for each in fields(self):
            value = getattr(self, each.name)
            if value:
                data[each.name] = _plain(value)
        return canonical(data)

    @property
    def leaf(self) -> bytes:
        """The leaf hash of this record."""
        return leaf_hash(self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> LogRecord:
        """The record in a leaf; Malformed unless it is canonical JSON of this schema."""
        found = parse_canonical(data)
        if found.pop("schema", None) != SCHEMA:
            raise Malformed("The record is of another schema.", field="schema")
        known = {each.name for each in fields(cls)}
        try:
            return cls(
                **{name: _READERS.get(name, _text)(value) for name, value in found.items() if name in known}
            )
        except (TypeError, KeyError, AttributeError) as problem:
            raise Malformed("The record lacks a field or has a wrong one.", field="record") from problem


def canonical(data: Mapping[str, Any]) -> bytes:
    """JSON with keys in order, no spaces, UTF-8."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as problem:
        raise Malformed("The text is not Unicode.", field="record") from problem


def parse_canonical(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`; Malformed unless `data` is its one canonical form."""
    if len(data) > MAX_BYTES:
        raise Malformed("The record is too long.", field="record")
    try:
        found = json.loads(data)
        same = isinstance(found, dict) and canonical(found) == data
    except (ValueError, RecursionError) as problem:
        raise Malformed("The record is not JSON.", field="record") from problem
    if not same:
        raise Malformed("The record is not in canonical form.", field="record")
    return dict(found)


def write_time(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and the zone written out: 2026-11-21T10:00:00.000+00:00."""
    if at.tzinfo is None:
        raise ValueError("a time without its zone is ambiguous")
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def read_time(text: str) -> datetime:
    """The time that `write_time` wrote; Malformed for any other spelling."""
    try:
        at = datetime.fromisoformat(text)
    except (ValueError, TypeError) as problem:
        raise Malformed("The time is not ISO 8601.", field="at") from problem
    if at.utcoffset() != timedelta(0) or write_time(at) != text:
        raise Malformed("The time is not written in UTC with its zone.", field="at")
    return at


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, Rule):
        return {"id": value.id, "version": value.version}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("list expected")
    return tuple(_text(each) for each in value)


def _rules(value: Any) -> tuple[Rule, ...]:
    return tuple(Rule(_text(each["id"]), _text(each["version"])) for each in value)


def _mapping(value: Any) -> dict[str, str]:
    return {_text(name): _text(each) for name, each in value.items()}


_READERS: Mapping[str, Any] = {
    "at": read_time,
    "replied_at": read_time,
    "recipients": _texts,
    "asked": _texts,
    "answered": _texts,
    "approvers": _texts,
    "log_use": _texts,
    "rules": _rules,
    "commitments": _mapping,
}


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the value and its salt. Personal data: it lives outside the log."""

    value: bytes
    salt: bytes


def commit(value: bytes, salt: bytes) -> bytes:
    """SHA-256("comity commitment v1" ‖ salt ‖ value), with a salt of 32 bytes used for nothing else."""
    if len(salt) != SALT_SIZE:
        raise Malformed("A commitment's salt has 32 bytes.", field="salt")
    return hashlib.sha256(COMMITMENT_PREFIX + salt + value).digest()


def commit_fresh(value: bytes, chance: Chance) -> tuple[str, Opening]:
    """A commitment under a fresh salt, in hexadecimal, and what opens it."""
    opening = Opening(value, chance(SALT_SIZE))
    return commit(value, opening.salt).hex(), opening


def check_opening(commitment: str, opening: Opening) -> None:
    """Corrupt unless `opening` opens `commitment` (hexadecimal)."""
    if commit(opening.value, opening.salt).hex() != commitment:
        raise Corrupt("The value is not the one committed to.", code="commitment", field="commitments")
