"""The node as its use cases see it: ports, settings, and the trusted roster and key sets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import event
from sqlmodel import Session, col, select

from comity.errors import Conflict, NotFound
from comity.keyset import TrustedKeySet
from comity.roster import TrustedRoster
from comity.v1 import envelope_pb2
from node.ports.peers import Mailbox, Peers
from node.ports.settings import Settings
from node.ports.store import Store
from node.ports.vault import KeyRing, Vault
from node.ports.world import Chance, Clock
from node.records import Alarm, KeySetRow, Meta, RosterRow
from node.service.trees import LogTree

FINGERPRINT = "roster.fingerprint"


@dataclass
class Node:
    """Everything a use case may touch. Built once by `node.bootstrap`, or by the tests' simulator."""

    settings: Settings
    clock: Clock
    chance: Chance
    store: Store
    vault: Vault
    keys: KeyRing
    peers: Peers
    mailbox: Mailbox
    tree: LogTree = field(default_factory=LogTree)
    # Called after a commit that a worker should look at soon: "outbox", "selectors", "log", "release".
    wake: Callable[[str], None] = lambda _what: None
    _trusted: TrustedRoster | None = None
    _key_sets: dict[int, TrustedKeySet] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _one_at_a_time: dict[str, threading.Lock] = field(default_factory=dict)

    @property
    def team(self) -> str:
        """This team's id."""
        return self.settings.team

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self.clock.now()

    def alone(self, work: str) -> threading.Lock:
        """The lock of a work that spans transactions and is done by one thread at a time."""
        with self._lock:
            return self._one_at_a_time.setdefault(work, threading.Lock())

    def roster(self, session: Session) -> TrustedRoster:
        """The newest roster, verified from the pinned version on. Conflict before `join`."""
        seen: TrustedRoster | None = session.info.get("roster")  # one transaction sees one roster
        if seen is not None and seen is self._trusted:
            return seen
        newest = session.exec(select(RosterRow.version).order_by(col(RosterRow.version).desc())).first()
        if newest is None:
            raise Conflict(
                "this node has joined no federation", remedy="comity-node join ROSTER --fingerprint …"
            )
        with self._lock:
            if self._trusted is None or self._trusted.version != newest:
                self._trusted = self._verify(session)
            session.info["roster"] = self._trusted
            return self._trusted

    def key_set(self, session: Session, epoch: int | None = None) -> TrustedKeySet:
        """The key set of an epoch, or the newest. Conflict when there is none yet."""
        if epoch is not None and (known := self._key_sets.get(epoch)) is not None:
            return known
        query = select(KeySetRow).order_by(col(KeySetRow.epoch).desc())
        row = session.exec(query if epoch is None else query.where(KeySetRow.epoch == epoch)).first()
        if row is None:
            raise Conflict("there are no pseudonym keys yet", remedy="comity-node keys generate")
        if row.epoch not in self._key_sets:
            envelope = envelope_pb2.Envelope.FromString(row.envelope)
            self._key_sets[row.epoch] = TrustedKeySet.open(envelope, self.roster(session), self.now())
        return self._key_sets[row.epoch]

    def forget_roster(self) -> None:
        """Verifies the roster afresh at its next use; called when a version was added."""
        with self._lock:
            self._trusted = None
            self._key_sets.clear()

    def _verify(self, session: Session) -> TrustedRoster:
        rows = session.exec(select(RosterRow).order_by(col(RosterRow.version))).all()
        pinned = session.get(Meta, FINGERPRINT)
        if pinned is None:
            raise NotFound("the pinned fingerprint of the roster is missing", remedy="comity-node join again")
        first, *later = rows
        trusted = TrustedRoster.pin(
            envelope_pb2.Envelope.FromString(first.envelope), pinned.value, first.trusted_at
        )
        for row in later:
            trusted = trusted.advance(envelope_pb2.Envelope.FromString(row.envelope), row.trusted_at)
        return trusted


def wake_after(session: Session, node: Node, what: str) -> None:
    """Wakes a worker once this transaction is committed: any earlier it would find nothing to do."""
    waiting: set[str] = session.info.setdefault("wake", set())
    if what not in waiting:
        waiting.add(what)
        event.listen(session, "after_commit", lambda _: node.wake(what), once=True)


def raise_alarm(session: Session, node: Node, level: str, code: str, text: str) -> None:
    """Stores an alarm for the operator, once while it is open; `text` holds no personal data."""
    same = select(Alarm).where(Alarm.code == code, Alarm.text == text, col(Alarm.closed_at).is_(None))
    if session.exec(same).first() is None:
        session.add(Alarm(raised_at=node.now(), level=level, code=code, text=text))


def get_meta(session: Session, name: str, default: str = "") -> str:
    """A small named value."""
    row = session.get(Meta, name)
    return default if row is None else row.value


def set_meta(session: Session, name: str, value: str) -> None:
    """Stores a small named value."""
    session.merge(Meta(name=name, value=value))
