"""Key sets: the public side of one epoch's VOPRF keys, agreed by every share holder.

The rules:

* A key set is trusted when every holder it lists signed it with the node key that the roster gives to that
  share index: one holder who saw another ceremony is enough to refuse.
* It is a document of its own so that a monthly epoch takes no root key out of its safe.
* Serialisation is deterministic, and `compose` derives header and payload from the agreed content alone:
  each holder signs the very same bytes.

Left to others: that commitments are valid, non-zero group elements and belong to the ceremony
(comity.threshold), and which epochs overlap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from comity.envelope import (
    check_federation_of,
    check_not_from_the_future,
    digest,
    enclose,
    instant,
    milliseconds,
    read_header,
    read_payload,
    verify_signatures,
)
from comity.errors import Conflict, Expired, Malformed, NotFound, Unauthenticated
from comity.identifiers import key_id
from comity.roster import TrustedRoster
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import KeySet, LabelKey

PURPOSE = "thb"
POINT_SIZE = 32  # bytes, ristretto255


@dataclass(frozen=True)
class TrustedKeySet:
    """A key set that all its holders signed; made by `open` alone."""

    federation: str
    epoch: int
    purpose: str
    roster_version: int
    threshold: int
    holders: Mapping[int, str]
    """Share index to team, ascending."""
    not_before: datetime
    not_after: datetime
    transcript: bytes
    digest: bytes
    """The envelope's digest."""
    labels: Mapping[str, tuple[bytes, ...]]
    """Selector kind to Feldman commitments A_0 … A_(t-1), 32 bytes each."""
    envelope: Envelope = field(repr=False, compare=False)

    @classmethod
    def open(cls, envelope: Envelope, roster: TrustedRoster, now: datetime) -> TrustedKeySet:
        """The key set inside, judged by `roster`, which must not be older than the ceremony's.

        1. Listed share holders' node keys signed the bytes (Unauthenticated), checked again in 5 for all.
        2. It parses and does not contradict itself (Malformed).
        3. It belongs to this federation (Forbidden).
        4. Every holder has that share in the roster (Conflict, `other-holders`).
        5. Every holder signed, the sender among them (Unauthenticated, `too-few-signatures`).
        6. Its time is not over at `now` (Expired). It may lie ahead: see `active`.
        """
        members = [roster.team(team) for team in roster.holders.values()]
        keys = {key_id(each.signing_key): each.signing_key for each in members}
        valid = verify_signatures(envelope, keys)  # 1
        if not valid:
            raise Unauthenticated("No share holder signed this.", code="unknown-key", field="signatures")
        header = read_header(envelope)  # 2
        message = read_payload(envelope, header, KeySet)
        check_key_set(message)
        check_federation_of(header, roster.federation)  # 3
        check_federation_of(header, message.federation)
        holders = _check_holders(message, roster)  # 4
        _check_all_signed(holders, roster, valid, header.sender)  # 5
        check_not_from_the_future(header.issued_at_ms, now)
        if now >= instant(message.not_after_ms):  # 6
            raise Expired("The key set's time is over.", field="not_after_ms")
        return _view(message, holders, envelope)

    def active(self, now: datetime) -> bool:
        """Whether the epoch runs at `now`."""
        return self.not_before <= now < self.not_after

    @property
    def kinds(self) -> tuple[str, ...]:
        """The selector kinds that have a key, in order."""
        return tuple(self.labels)

    def commitments(self, kind: str) -> tuple[bytes, ...]:
        """Feldman commitments of the kind's key; NotFound when this epoch has none."""
        try:
            return self.labels[kind]
        except KeyError:
            raise NotFound(
                "This epoch has no key for that kind.", code="unknown-kind", field="kind"
            ) from None

    def public_key(self, kind: str) -> bytes:
        """A_0: the public key of the kind's VOPRF (32 bytes)."""
        return self.commitments(kind)[0]


def build(
    *,
    federation: str,
    epoch: int,
    roster_version: int,
    threshold: int,
    holders: Sequence[int],
    labels: Mapping[str, Sequence[bytes]],
    not_before: datetime,
    not_after: datetime,
    transcript: bytes,
    purpose: str = PURPOSE,
) -> KeySet:
    """A checked key set, equal at every holder: labels in order of kind, holders ascending."""
    message = KeySet(
        federation=federation,
        epoch=epoch,
        roster_version=roster_version,
        threshold=threshold,
        holders=sorted(holders),
        labels=[
            LabelKey(epoch=epoch, purpose=purpose, kind=kind, commitments=labels[kind])
            for kind in sorted(labels)
        ],
        not_before_ms=milliseconds(not_before),
        not_after_ms=milliseconds(not_after),
        transcript=transcript,
    )
    check_key_set(message)
    return message


def compose(key_set: KeySet, *, sender: str, issued_at: datetime) -> Envelope:
    """The unsigned envelope of `key_set`; all holders that use the same `sender` and time get the same bytes.

    The statement's id is drawn from the content, not by chance, for that very reason. Sign with `co_sign`.
    """
    check_key_set(key_set)
    content = hashlib.sha256(b"comity key set" + key_set.SerializeToString(deterministic=True)).digest()
    return enclose(
        key_set,
        federation=key_set.federation,
        sender=sender,
        recipients=["*"],
        issued_at=issued_at,
        lifetime=instant(key_set.not_after_ms) - issued_at,
        chance=lambda size: content[:size],
    )


def check_key_set(message: KeySet) -> None:
    """Malformed, naming the field, unless the key set is well formed."""
    if message.epoch < 1:
        raise Malformed("Epochs count from 1.", field="epoch")
    holders = list(message.holders)
    if holders != sorted(set(holders)) or not all(1 <= each <= 255 for each in holders):
        raise Malformed("Holders are share indices from 1 to 255, ascending.", field="holders")
    if not 2 <= message.threshold <= len(holders):
        raise Malformed("The threshold is between 2 and the number of holders.", field="threshold")
    if instant(message.not_after_ms, "not_after_ms") <= instant(message.not_before_ms, "not_before_ms"):
        raise Malformed("The epoch ends before it begins.", field="not_after_ms")
    if len(message.transcript) != 32:
        raise Malformed("A transcript's hash has 32 bytes.", field="transcript")
    _check_labels(message)


def _check_labels(message: KeySet) -> None:
    kinds = [each.kind for each in message.labels]
    if not kinds or kinds != sorted(set(kinds)) or not all(kinds):
        raise Malformed("Each kind has one key, in order of kind.", field="labels")
    if len({each.purpose for each in message.labels}) != 1 or not message.labels[0].purpose:
        raise Malformed("A key set serves one purpose.", field="labels.purpose")
    for label in message.labels:
        if label.epoch != message.epoch:
            raise Malformed("A label belongs to another epoch.", field="labels.epoch")
        sizes = {len(each) for each in label.commitments}
        if len(label.commitments) != message.threshold or sizes != {POINT_SIZE}:
            raise Malformed("Each key has as many commitments as the threshold.", field="labels.commitments")


def _check_holders(message: KeySet, roster: TrustedRoster) -> dict[int, str]:
    if message.roster_version > roster.version:
        raise Conflict(
            "The key set was made under a newer roster.",
            code="older-roster",
            field="roster_version",
            remedy="fetch the roster first",
        )
    known = roster.holders
    if not set(message.holders) <= set(known):
        raise Conflict("The roster knows other share holders.", code="other-holders", field="holders")
    return {each: known[each] for each in message.holders}


def _check_all_signed(
    holders: Mapping[int, str], roster: TrustedRoster, valid: frozenset[bytes], sender: str
) -> None:
    signed = [team for team in holders.values() if key_id(roster.team(team).signing_key) in valid]
    if len(signed) < len(holders):
        raise Unauthenticated(
            f"{len(signed)} of {len(holders)} share holders signed the key set.",
            code="too-few-signatures",
            field="signatures",
        )
    if sender not in signed:
        raise Unauthenticated("The sender holds no share.", code="wrong-sender", field="sender")


def _view(message: KeySet, holders: Mapping[int, str], envelope: Envelope) -> TrustedKeySet:
    kept = Envelope()
    kept.CopyFrom(envelope)
    return TrustedKeySet(
        federation=message.federation,
        epoch=message.epoch,
        purpose=message.labels[0].purpose,
        roster_version=message.roster_version,
        threshold=message.threshold,
        holders=dict(holders),
        not_before=instant(message.not_before_ms),
        not_after=instant(message.not_after_ms),
        transcript=message.transcript,
        digest=digest(envelope),
        labels={each.kind: tuple(each.commitments) for each in message.labels},
        envelope=kept,
    )
