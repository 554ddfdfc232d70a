"""A small federation for the tests of `comity`: keys from fixed seeds, time and chance under control."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from comity.envelope import Signer
from comity.roster import TrustedRoster, build_roster, fingerprint_of, make_card, sign_roster
from comity.seal import SealingKey
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import BrokerCard, MemberClass, TeamCard

FEDERATION = "eu-thb"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PEM = b"-----BEGIN CERTIFICATE-----\nTk9UIEEgQ0VSVElGSUNBVEU=\n-----END CERTIFICATE-----\n"
STATES = {"it": "IT", "nl": "NL", "ro": "RO", "be": "BE"}


def seed(*words: str) -> bytes:
    """32 bytes that depend on the words alone."""
    return hashlib.sha256(" ".join(words).encode()).digest()


def chance_from(word: str) -> Callable[[int], bytes]:
    """A source of bytes that gives the same sequence each time."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{word} {count}".encode()).digest(size)

    return draw


@dataclass(frozen=True)
class Team:
    """A team with all its private keys."""

    name: str
    root: Signer
    node: Signer
    sealing: SealingKey

    def card(self, member_class: MemberClass.ValueType = MemberClass.MEMBER_CLASS_MEMBER_STATE) -> TeamCard:
        private = member_class == MemberClass.MEMBER_CLASS_PRIVATE
        return make_card(
            team=self.name,
            state="" if private else STATES[self.name],
            name=f"Team {self.name}",
            member_class=member_class,
            address=f"node.{self.name}.example:7443",
            root_key=self.root.public,
            signing_key=self.node.public,
            sealing_key=self.sealing.public,
            authority_pem=PEM,
        )


@cache
def team(name: str, generation: str = "") -> Team:
    """The team `name`; another `generation` is the same name with other keys."""
    return Team(
        name,
        Signer(seed(name, "root", generation)),
        Signer(seed(name, "node", generation)),
        SealingKey(seed(name, "sealing", generation)),
    )


BROKER = Signer(seed("hub", "witness"))


def broker_card() -> BrokerCard:
    return BrokerCard(
        broker="hub", name="Hub", address="hub.example:7443", witness_key=BROKER.public, authority_pem=PEM
    )


def first_roster(
    names: Sequence[str] = ("it", "nl", "ro"), signers: Sequence[str] = ("it", "nl"), root_threshold: int = 2
) -> Envelope:
    """Version 1, signed by `signers`."""
    envelope = build_roster(
        [team(each).card() for each in names],
        [broker_card()],
        federation=FEDERATION,
        root_threshold=root_threshold,
        share_threshold=2,
        composer=names[0],
        issued_at=NOW - timedelta(days=30),
        chance=chance_from("roster 1"),
    )
    for each in signers:
        envelope = sign_roster(envelope, team(each).root)
    return envelope


def pinned() -> TrustedRoster:
    """The federation of Italy, the Netherlands and Romania at version 1."""
    envelope = first_roster()
    return TrustedRoster.pin(envelope, fingerprint_of(envelope), NOW)


def next_roster(
    previous: TrustedRoster,
    *,
    cards: Sequence[TeamCard] | None = None,
    signers: Sequence[Signer] | None = None,
    mode: str = "live",
    federation: str = FEDERATION,
    issued_at: datetime = NOW - timedelta(days=1),
    lifetime: timedelta = timedelta(days=366),
) -> Envelope:
    """The version after `previous`; the same teams, signed by Italy and the Netherlands, unless told."""
    envelope = build_roster(
        cards or [team(each.team).card() for each in previous.members],
        [broker_card()],
        federation=federation,
        root_threshold=2,
        share_threshold=2,
        composer="it",
        issued_at=issued_at,
        chance=chance_from("roster 2"),
        previous=previous,
        mode=mode,
        lifetime=lifetime,
    )
    for each in signers if signers is not None else (team("it").root, team("nl").root):
        envelope = sign_roster(envelope, each)
    return envelope
