"""A federation of three teams and one broker, with real certificates, for the tests of the broker."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broker import settings as settings_file
from broker.bootstrap import BrokerApp, Parts
from broker.home import Home
from comity.envelope import Signer
from comity.identifiers import Identity, node_spiffe
from comity.roster import TrustedRoster, build_roster, fingerprint_of, make_card, sign_roster
from comity.transport import pki
from comity.transport.channel import PeerChannel
from comity.transport.pki import KeyPair
from comity.transport.telemetry import setup
from comity.v1.broker_pb2 import PutRequest
from comity.v1.envelope_pb2 import Envelope, SealedBox
from comity.v1.roster_pb2 import BrokerCard, MemberClass, TeamCard

FEDERATION = "eu-thb"
HUB = Identity(FEDERATION, "broker", "hub")
SILENT = setup("test")


def now() -> datetime:
    return datetime.now(UTC)


def _seed(*words: str) -> bytes:
    return hashlib.sha256(" ".join(words).encode()).digest()


@dataclass(frozen=True)
class Team:
    """A team with its keys, authority and leaf."""

    name: str
    root: Signer
    node: Signer
    authority: KeyPair
    leaf: KeyPair

    @classmethod
    def make(cls, name: str) -> Team:
        authority = pki.make_authority(f"team {name}", now())
        leaf = pki.issue_leaf(
            *authority, spiffe=node_spiffe(FEDERATION, name), dns=f"node.{name}.{FEDERATION}", now=now()
        )
        return cls(name, Signer(_seed(name, "root")), Signer(_seed(name, "node")), authority, leaf)

    def card(self) -> TeamCard:
        return make_card(
            team=self.name,
            state=self.name.upper(),
            name=f"Team {self.name}",
            member_class=MemberClass.MEMBER_CLASS_MEMBER_STATE,
            address=f"node.{self.name}.example:7443",
            root_key=self.root.public,
            signing_key=self.node.public,
            sealing_key=hashlib.shake_256(self.name.encode()).digest(1216),
            authority_pem=self.authority.cert_pem,
        )


TEAMS = {name: Team.make(name) for name in ("it", "nl", "ro")}


def roster_of(
    card: BrokerCard,
    *,
    teams: Sequence[str] = ("it", "nl", "ro"),
    previous: TrustedRoster | None = None,
    lifetime: timedelta = timedelta(days=366),
    issued_at: datetime | None = None,
) -> Envelope:
    """The next roster with this broker in it, signed by it and nl."""
    envelope = build_roster(
        [TEAMS[name].card() for name in teams],
        [card],
        federation=FEDERATION,
        root_threshold=2,
        share_threshold=2,
        composer="it",
        issued_at=issued_at or now() - timedelta(hours=1),
        chance=secrets.token_bytes,
        previous=previous,
        lifetime=lifetime,
    )
    for name in ("it", "nl"):
        envelope = sign_roster(envelope, TEAMS[name].root)
    return envelope


def new_home(folder: Path, **settings: object) -> Home:
    """A broker's home, not joined."""
    home = Home(folder)
    home.create(broker="hub", now=now())
    values = {"broker": "hub", "federation": FEDERATION, "address": "127.0.0.1:7443"}
    settings_file.write(folder, values | settings)
    return home


def card_of(home: Home) -> BrokerCard:
    return home.card(broker="hub", name="", address="127.0.0.1:7443")


def joined_home(folder: Path, **settings: object) -> Home:
    """A broker's home that has pinned a roster with it, nl and ro."""
    home = new_home(folder, **settings)
    join(home, roster_of(card_of(home)))
    return home


def join(home: Home, envelope: Envelope, *, pin: bool = True) -> TrustedRoster:
    parts = Parts(home.folder)
    try:
        return parts.join(envelope, fingerprint_of(envelope) if pin else None)
    finally:
        parts.close()


def serving(home: Home) -> BrokerApp:
    """A started broker on a free port."""
    app = BrokerApp(home.folder, listen="127.0.0.1:0")
    app.start()
    return app


def channel(home: Home, port: int, team: str, *, leaf: KeyPair | None = None) -> PeerChannel:
    """What `team` calls the broker with."""
    shown = leaf or TEAMS[team].leaf
    return PeerChannel(
        f"127.0.0.1:{port}",
        peer=HUB,
        authority_pem=home.read("authority.pem"),
        credentials=lambda: shown,
        telemetry=SILENT,
        deadline=5.0,
    )


def sealed(content: bytes = b"", size: int = 64) -> SealedBox:
    """A box that looks like sealed content."""
    return SealedBox(
        key_id=bytes(16),
        wrapped_key=bytes(1168),
        nonce=bytes(24),
        ciphertext=content or secrets.token_bytes(size),
    )


def put(recipient: str, content: bytes = b"", *, mail: bytes | None = None) -> PutRequest:
    """One mail."""
    return PutRequest(recipient=recipient, mail=mail or secrets.token_bytes(16), sealed=sealed(content))


@dataclass
class Clock:
    """A clock that a test moves."""

    at: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)
