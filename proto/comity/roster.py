"""The roster: who the teams are, and how that statement changes.

The rules (the workflow is that of a TUF root):

* Version 1 is trusted because a person compared its fingerprint; it carries `root_threshold` signatures of
  its own electors.
* Version N+1 is trusted because `root_threshold` electors *of version N* signed it, it says N+1, it names the
  digest of version N's payload, and federation and mode stay the same. There is no way back and no step
  over a version.
* An elector is every member that is not submit-only (an NGO or a company neither votes nor holds a share).
* A roster that contradicts itself is refused whole: double ids, keys or share indices, wrong key sizes, an
  unreachable threshold.
* An expired roster may still be a step to the next one; whether the newest is `expired` is the caller's
  question, at the caller's time.

Left to others: certificates inside `authority_pem` (comity.transport), keeping the chain on disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from comity.card import fingerprint_of, make_card, open_card, sign_card
from comity.envelope import (
    Chance,
    KeyOwner,
    Signer,
    check_federation_of,
    check_not_from_the_future,
    co_sign,
    enclose,
    instant,
    milliseconds,
    read_header,
    read_payload,
    verify_signatures,
)
from comity.errors import Conflict, Malformed, NotFound, Unauthenticated
from comity.identifiers import broker_witness, check_fingerprint, key_id, log_origin
from comity.roster_form import check_roster, is_elector
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import BrokerCard, MemberClass, Roster, TeamCard
from comity.v1.roster_pb2 import Member as MemberMessage

__all__ = [
    "Broker",
    "Member",
    "TrustedRoster",
    "build_roster",
    "fingerprint_of",
    "make_card",
    "open_card",
    "sign_card",
    "sign_roster",
]

LIFETIME = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Member:
    """What the roster says about one team."""

    team: str
    state: str
    name: str
    member_class: MemberClass.ValueType
    address: str
    root_key: bytes
    signing_key: bytes
    sealing_key: bytes
    authority_pem: bytes
    share_index: int
    """x-coordinate of the team's key share, 0 when it holds none."""

    @property
    def submit_only(self) -> bool:
        """An NGO or a company: sends sealed leads, receives no feed, holds no share."""
        return self.member_class == MemberClass.MEMBER_CLASS_PRIVATE


@dataclass(frozen=True, slots=True)
class Broker:
    """What the roster says about one broker."""

    broker: str
    name: str
    address: str
    witness_key: bytes
    authority_pem: bytes


@dataclass(frozen=True)
class TrustedRoster:
    """A roster that was pinned or reached step by step; made by `pin` and `advance` alone."""

    federation: str
    version: int
    mode: str
    issued_at: datetime
    expires_at: datetime
    threshold: int
    """t of the threshold VOPRF."""
    root_threshold: int
    members: tuple[Member, ...]
    brokers: tuple[Broker, ...]
    payload_digest: bytes
    """SHA-256 of the payload: what the next version must name as its previous one."""
    envelope: Envelope = field(repr=False, compare=False)

    @classmethod
    def pin(cls, envelope: Envelope, fingerprint: str, now: datetime) -> TrustedRoster:
        """Version 1, whose payload a person compared with `fingerprint` ("sha256:…").

        1. The payload is the one that the fingerprint names (Unauthenticated, `other-fingerprint`).
        2. It parses, is version 1, and does not contradict itself (Malformed).
        3. `root_threshold` of its own electors signed it (Unauthenticated, `too-few-signatures`).
        4. It does not come from the future (Expired).
        """
        if fingerprint_of(envelope) != check_fingerprint(fingerprint):  # 1
            raise Unauthenticated(
                "The roster is not the one that the fingerprint names.",
                code="other-fingerprint",
                field="fingerprint",
                remedy="compare the fingerprint again with a member you can call",
            )
        roster = _parse(envelope)  # 2
        if roster.version != 1:
            raise Malformed("Only version 1 of a roster can be pinned.", field="version")
        trusted = _view(roster, envelope)
        _check_signed(envelope, trusted)  # 3
        check_not_from_the_future(roster.issued_at_ms, now)  # 4
        return trusted

    def advance(self, envelope: Envelope, now: datetime) -> TrustedRoster:
        """Version N+1, judged by this version N; this object stays as it was.

        1. `root_threshold` electors of version N signed the bytes (Unauthenticated, `too-few-signatures`).
        2. It parses and does not contradict itself (Malformed).
        3. Same federation, same mode (Conflict, `other-federation`, `other-mode`).
        4. Its version is N+1: never back, never over one (Conflict, `rollback`, `skipped-version`).
        5. It names version N's payload as its previous one (Conflict, `fork`).
        6. It is not issued before version N, and not in the future (Conflict, Expired).
        """
        _check_signed(envelope, self)  # 1
        roster = _parse(envelope)  # 2
        _check_same(self, roster)  # 3
        _check_next(self, roster)  # 4, 5, 6
        check_not_from_the_future(roster.issued_at_ms, now)
        return _view(roster, envelope)

    @property
    def fingerprint(self) -> str:
        """What people compare: "sha256:" over the payload."""
        return fingerprint_of(self.envelope)

    def expired(self, now: datetime) -> bool:
        """Whether this roster's time is over at `now`."""
        return now >= self.expires_at

    def find(self, team: str) -> Member | None:
        """The member called `team`, or None."""
        return self._by_team.get(team)

    def team(self, team: str) -> Member:
        """The member called `team`; NotFound when the roster has none."""
        member = self.find(team)
        if member is None:
            raise NotFound("The roster has no such team.", code="unknown-team", field="team")
        return member

    def broker(self, broker: str) -> Broker:
        """The broker called `broker`; NotFound when the roster has none."""
        for each in self.brokers:
            if each.broker == broker:
                return each
        raise NotFound("The roster has no such broker.", code="unknown-broker", field="broker")

    def by_signing_key(self, key: bytes) -> KeyOwner | None:
        """Owner of the node signing key with this 16-byte id; fits `open_envelope(keys=…)`."""
        return self._by_signing_key.get(key)

    def by_root_key(self, key: bytes) -> KeyOwner | None:
        """Owner of the root key with this 16-byte id."""
        return self._by_root_key.get(key)

    @property
    def electors(self) -> tuple[Member, ...]:
        """The members whose root keys sign the next roster."""
        return tuple(each for each in self.members if is_elector(each.member_class))

    @property
    def holders(self) -> Mapping[int, str]:
        """Share index to team, ascending."""
        held = sorted((each.share_index, each.team) for each in self.members if each.share_index)
        return MappingProxyType(dict(held))

    @property
    def witnesses(self) -> Mapping[str, bytes]:
        """Cosigner name (C2SP key name) to Ed25519 public key: every elector's node and every broker."""
        teams = {log_origin(self.federation, each.team): each.signing_key for each in self.electors}
        brokers = {broker_witness(self.federation, each.broker): each.witness_key for each in self.brokers}
        return MappingProxyType(teams | brokers)

    def __post_init__(self) -> None:
        by_team = {each.team: each for each in self.members}
        signing = {key_id(each.signing_key): KeyOwner(each.team, each.signing_key) for each in self.members}
        root = {key_id(each.root_key): KeyOwner(each.team, each.root_key) for each in self.members}
        object.__setattr__(self, "_by_team", by_team)
        object.__setattr__(self, "_by_signing_key", signing)
        object.__setattr__(self, "_by_root_key", root)

    _by_team: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    _by_signing_key: Mapping[bytes, KeyOwner] = field(init=False, repr=False, compare=False)
    _by_root_key: Mapping[bytes, KeyOwner] = field(init=False, repr=False, compare=False)


def _parse(envelope: Envelope) -> Roster:
    header = read_header(envelope)
    roster = read_payload(envelope, header, Roster)
    check_roster(roster)
    check_federation_of(header, roster.federation)
    return roster


def _check_signed(envelope: Envelope, by: TrustedRoster) -> None:
    valid = verify_signatures(envelope, {key_id(each.root_key): each.root_key for each in by.electors})
    if len(valid) < by.root_threshold:
        raise Unauthenticated(
            f"{len(valid)} of {by.root_threshold} necessary root keys signed the roster.",
            code="too-few-signatures",
            field="signatures",
        )


def _check_same(old: TrustedRoster, new: Roster) -> None:
    if new.federation != old.federation:
        raise Conflict("The roster is another federation's.", code="other-federation", field="federation")
    if new.mode != old.mode:
        raise Conflict(
            "A federation never changes between exercise and live.", code="other-mode", field="mode"
        )


def _check_next(old: TrustedRoster, new: Roster) -> None:
    if new.version <= old.version:
        raise Conflict("The roster is not newer than the trusted one.", code="rollback", field="version")
    if new.version != old.version + 1:
        raise Conflict("A version in between is missing.", code="skipped-version", field="version")
    if new.previous != old.payload_digest:
        raise Conflict("The roster follows another predecessor.", code="fork", field="previous")
    if new.issued_at_ms < milliseconds(old.issued_at):
        raise Conflict("The roster is older than its predecessor.", code="rollback", field="issued_at_ms")


def _view(roster: Roster, envelope: Envelope) -> TrustedRoster:
    kept = Envelope()
    kept.CopyFrom(envelope)
    members = sorted((_member(each) for each in roster.members), key=lambda each: each.team)
    brokers = sorted((_broker(each) for each in roster.brokers), key=lambda each: each.broker)
    return TrustedRoster(
        federation=roster.federation,
        version=roster.version,
        mode=roster.mode,
        issued_at=instant(roster.issued_at_ms),
        expires_at=instant(roster.expires_at_ms),
        threshold=roster.share_threshold,
        root_threshold=roster.root_threshold,
        members=tuple(members),
        brokers=tuple(brokers),
        payload_digest=hashlib.sha256(envelope.payload).digest(),
        envelope=kept,
    )


def _member(message: MemberMessage) -> Member:
    card = message.card
    return Member(
        team=card.team,
        state=card.state,
        name=card.name,
        member_class=card.member_class,
        address=card.address,
        root_key=card.root_key,
        signing_key=card.signing_key,
        sealing_key=card.sealing_key,
        authority_pem=card.authority_pem,
        share_index=message.share_index,
    )


def _broker(card: BrokerCard) -> Broker:
    return Broker(card.broker, card.name, card.address, card.witness_key, card.authority_pem)


def build_roster(
    cards: Sequence[TeamCard],
    brokers: Sequence[BrokerCard] = (),
    *,
    federation: str,
    root_threshold: int,
    share_threshold: int,
    composer: str,
    issued_at: datetime,
    chance: Chance,
    previous: TrustedRoster | None = None,
    shares: Mapping[str, int] | None = None,
    mode: str = "live",
    lifetime: timedelta = LIFETIME,
) -> Envelope:
    """The unsigned envelope of version 1, or of the version after `previous`; `sign_roster` adds signatures.

    `shares` gives share indices by team (0: none). Without it, each team keeps the index it had, and every
    new elector gets the lowest free one, in alphabetical order.
    """
    indices = dict(shares) if shares is not None else _indices(cards, previous)
    members = sorted(cards, key=lambda each: each.team)
    roster = Roster(
        federation=federation,
        version=previous.version + 1 if previous else 1,
        issued_at_ms=milliseconds(issued_at),
        expires_at_ms=milliseconds(issued_at + lifetime),
        members=[MemberMessage(card=each, share_index=indices.get(each.team, 0)) for each in members],
        brokers=sorted(brokers, key=lambda each: each.broker),
        root_threshold=root_threshold,
        share_threshold=share_threshold,
        previous=previous.payload_digest if previous else b"",
        mode=mode,
    )
    check_roster(roster)
    return enclose(
        roster,
        federation=federation,
        sender=composer,
        recipients=["*"],
        issued_at=issued_at,
        lifetime=lifetime,
        chance=chance,
    )


def _indices(cards: Sequence[TeamCard], previous: TrustedRoster | None) -> dict[str, int]:
    kept = {each.team: each.share_index for each in previous.members} if previous else {}
    taken = set(kept.values())
    free = (each for each in range(1, 256) if each not in taken)
    for card in sorted(cards, key=lambda each: each.team):
        if is_elector(card.member_class) and card.team not in kept:
            kept[card.team] = next(free, 0)
    return kept


def sign_roster(envelope: Envelope, root_signer: Signer) -> Envelope:
    """`envelope` with one more root signature. Show the signing officer what changes before calling this."""
    return co_sign(envelope, root_signer)
