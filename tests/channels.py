"""A federation of channel nodes in one process: each with its own log, keys and stored bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from comity.channel import ChannelLog, EpochKey, Outcome, encode_event, event_digest
from comity.seal import SealingKey
from node.flow.case import SharedCase
from node.flow.channel import Rekeying, Step, learn_keys, opening, read_case, write

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HIT = bytes.fromhex("00112233445566778899aabbccddeeff")
BASIS = "Directive (EU) 2023/977 Art. 7; Convention of 29 May 2000 Art. 7"


class SeededChance:
    """Repeatable bytes: SHA-256 of a seed and a counter."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed, 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            self._count += 1
            out += hashlib.sha256(f"{self._seed}/{self._count}".encode()).digest()
        return out[:size]


class Mail(NamedTuple):
    """An event on its way: who signed it, who co-signed."""

    event: bytes
    author: str
    cosigners: frozenset[str] = frozenset()

    @property
    def digest(self) -> bytes:
        return event_digest(self.event)


def sealing_key(team: str) -> SealingKey:
    return SealingKey.from_bytes(hashlib.sha256(f"sealing {team}".encode()).digest())


KEYS = {team: sealing_key(team) for team in ("nl", "it", "ro", "de")}


def publics(*teams: str) -> dict[str, bytes]:
    return {team: KEYS[team].public for team in teams}


class Peer:
    """One team's end of one channel."""

    def __init__(self, team: str, channel: bytes) -> None:
        self.team = team
        self.log = ChannelLog(channel)
        self.mail: dict[bytes, Mail] = {}
        self.ring: dict[bytes, EpochKey] = {}
        self.chance = SeededChance(team)

    @property
    def carried(self) -> dict[bytes, bytes]:
        return {digest: mail.event for digest, mail in self.mail.items()}

    @property
    def case(self) -> SharedCase:
        return read_case(self.log, self.carried, self.ring)

    def take(self, mail: Mail) -> Outcome:
        outcome = self.log.accept(mail.event, mail.author, cosigners=mail.cosigners)
        self.mail[mail.digest] = mail
        self.ring = learn_keys(self.log, self.carried, self.team, [KEYS[self.team]], self.ring)
        return outcome

    def take_all(self, mails: Iterable[Mail]) -> None:
        for mail in mails:
            self.take(mail)

    def write(self, step: Step | Rekeying, minute: int, *, cosigners: Collection[str] | None = None) -> Mail:
        event = write(
            self.log, self.team, step, self.ring, now=START + timedelta(minutes=minute), chance=self.chance
        )
        wanted = step.cosigners if isinstance(step, Rekeying) else frozenset()
        mail = Mail(encode_event(event), self.team, wanted if cosigners is None else frozenset(cosigners))
        self.take(mail)
        return mail

    def restart(self, mails: Iterable[Mail]) -> None:
        """Forget everything in memory; read the stored bytes again, in the order given."""
        stored = list(mails)
        self.log, self.mail, self.ring = ChannelLog(self.log.channel), {}, {}
        self.take_all(stored)

    def catch_up_from(self, other: Peer) -> None:
        """Ask `other` for what this peer lacks, by vector."""
        self.take_all(other.mail[digest] for digest in other.log.since(self.log.vector()))

    def digests(self) -> list[bytes]:
        return [entry.record.digest for entry in self.log.entries()]


def open_channel(founder: str = "nl", *others: str, seed: str = "case") -> tuple[dict[str, Peer], Mail]:
    """A pre-JIT channel of `founder` and `others`; all of KEYS' teams get a peer, members or not."""
    made = opening(
        founder=founder,
        members=publics(founder, *(others or ("it",))),
        hits=[HIT],
        title="Lantern",
        legal_basis=BASIS,
        chance=SeededChance(seed),
    )
    peers = {team: Peer(team, made.channel) for team in KEYS}
    return peers, peers[founder].write(made, 0)
