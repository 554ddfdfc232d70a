"""The roster that this broker has pinned: who may call, and what it hands out.

The chain of versions is kept as it was signed and verified again, from the pinned fingerprint, each time
it is loaded: whoever can write to the database cannot add a member. Another process may add the next
version (`comity-broker join`); it is noticed within a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Final

from sqlmodel import Session, col, select

from broker.store.database import Database
from broker.store.tables import RosterVersion
from comity.envelope import parse_envelope
from comity.errors import ComityError, Conflict, Corrupt, Expired, NotFound
from comity.identifiers import broker_spiffe, node_spiffe
from comity.roster import TrustedRoster
from comity.v1.envelope_pb2 import Envelope

LOOK_AGAIN_SECONDS: Final = 1.0


class RosterBook:
    """The verified roster and its former versions."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self._roster: TrustedRoster | None = None
        self._trusted: Mapping[str, bytes] = {}
        self._looked_at = float("-inf")

    def join(
        self, envelope: Envelope, fingerprint: str | None, check: Callable[[TrustedRoster], None]
    ) -> TrustedRoster:
        """Pins version 1 by its fingerprint, or takes the next version; `check` may still refuse it.

        Raises:
            Conflict: nothing is pinned and no fingerprint was given, or another roster is pinned.
            ComityError: what `TrustedRoster.pin` and `advance` refuse.
        """
        with self._database.write() as session:
            chain = _chain(session)
            roster = self._next(chain, envelope, fingerprint)
            check(roster)
            if roster.version > len(chain):
                session.add(
                    RosterVersion(
                        version=roster.version,
                        fingerprint=roster.fingerprint,
                        envelope=envelope.SerializeToString(),
                    )
                )
        with self._lock:
            self._looked_at = float("-inf")
        return roster

    def current(self) -> TrustedRoster:
        """The newest version.

        Raises:
            NotFound: none is pinned.
        """
        self._look()
        if self._roster is None:
            raise NotFound(
                "This broker has not joined a federation.",
                code="no-roster",
                remedy="Run `comity-broker join ROSTER --fingerprint sha256:…`.",
            )
        return self._roster

    def in_time(self) -> TrustedRoster:
        """The newest version, unless its time is over.

        Raises:
            Expired: it is; only the roster itself is handed out from then on.
        """
        roster = self.current()
        if roster.expired(self._clock()):
            raise Expired(
                "The broker's roster has expired.",
                code="roster-expired",
                remedy="Let the members sign the next version, and give it to the broker.",
            )
        return roster

    def trusted(self) -> Mapping[str, bytes]:
        """SPIFFE identity to authority of everyone who may call; nobody before a roster is pinned."""
        self._look()
        return self._trusted

    def is_member(self, team: str) -> bool:
        """Whether a team has a mailbox here, now (Expired: nobody has)."""
        return self.in_time().find(team) is not None

    def envelope(self, version: int) -> Envelope:
        """One version as it was signed; 0 asks for the newest.

        Raises:
            NotFound: this broker does not have it.
        """
        if version == 0:
            return self.current().envelope
        with self._database.read() as session:
            row = session.get(RosterVersion, version)
        if row is None:
            raise NotFound("This broker does not have that roster version.", field="version")
        return parse_envelope(row.envelope)

    def _look(self) -> None:
        with self._lock:
            if monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
                return
            with self._database.read() as session:
                newest = session.exec(
                    select(RosterVersion.version).order_by(col(RosterVersion.version).desc())
                ).first()
                if newest is not None and (self._roster is None or newest != self._roster.version):
                    self._roster = self._replay(_chain(session))
                    self._trusted = _authorities(self._roster)
            self._looked_at = monotonic()

    def _next(self, chain: list[RosterVersion], envelope: Envelope, fingerprint: str | None) -> TrustedRoster:
        if not chain and fingerprint is None:
            raise Conflict(
                "The first roster is pinned by its fingerprint.",
                code="fingerprint-needed",
                field="fingerprint",
                remedy="Ask a member on the telephone for it and pass --fingerprint.",
            )
        if not chain:
            return TrustedRoster.pin(envelope, fingerprint or "", self._clock())
        known = self._replay(chain)
        if known.envelope.payload == envelope.payload and fingerprint in {None, known.fingerprint}:
            return known
        if fingerprint not in {None, chain[0].fingerprint}:
            raise Conflict("This broker has pinned another roster.", code="other-roster", field="fingerprint")
        return known.advance(envelope, self._clock())

    def _replay(self, chain: list[RosterVersion]) -> TrustedRoster:
        """The newest roster, every step verified again."""
        try:
            roster = TrustedRoster.pin(parse_envelope(chain[0].envelope), chain[0].fingerprint, self._clock())
            for row in chain[1:]:
                roster = roster.advance(parse_envelope(row.envelope), self._clock())
        except ComityError as error:
            raise Corrupt(
                "The stored roster does not verify.",
                code="roster-chain",
                remedy="Restore the database, or start a new home and join again.",
            ) from error
        return roster


def _chain(session: Session) -> list[RosterVersion]:
    return list(session.exec(select(RosterVersion).order_by(col(RosterVersion.version))))


def _authorities(roster: TrustedRoster) -> dict[str, bytes]:
    teams = {node_spiffe(roster.federation, each.team): each.authority_pem for each in roster.members}
    brokers = {broker_spiffe(roster.federation, each.broker): each.authority_pem for each in roster.brokers}
    return teams | brokers
