"""The broker as a witness: it cosigns what only grew, and keeps the proof when something did not.

One transaction reads what was cosigned last, judges, and stores the new state *before* the cosignature
leaves: two requests at once cannot take the witness back, and neither can a crash. Evidence is kept
until an operator takes it out; a log's mere suspicions are kept up to a number, its proven forks always.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from broker.service.roster import RosterBook
from broker.store.database import Database
from broker.store.tables import Evidence, WitnessedLog
from comity.envelope import Signer, milliseconds
from comity.identifiers import broker_witness, log_origin
from comity.log.checkpoint import Cosigned, Inconsistent, KnownSize, LogState, Witness

MOST_SUSPICIONS: Final = 100  # kept for each log


class WitnessBook:
    """What this broker has cosigned."""

    def __init__(
        self,
        database: Database,
        *,
        broker: str,
        signer: Signer,
        rosters: RosterBook,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._broker, self._signer = database, broker, signer
        self._rosters, self._clock = rosters, clock

    def add(self, *, old_size: int, consistency: Sequence[bytes], note: bytes) -> str | int:
        """The cosignature line of a checkpoint, or the size that this witness holds instead.

        Raises:
            NotFound: no member has that log.
            Unauthenticated: the log did not sign the note.
            Inconsistent: the log contradicts itself; the evidence is kept.
            Malformed: note or proof do not have their form.
        """
        witness = self._witness()
        origin = witness.origin_of(note)
        refused: Inconsistent | None = None
        with self._database.write() as session:
            row = session.get(WitnessedLog, origin)
            last = LogState(row.size, row.root, row.note) if row else None
            try:
                answer = witness.check_and_cosign(
                    last, old_size=old_size, consistency=consistency, note=note, now=self._clock()
                )
            except Inconsistent as error:
                self._keep(session, origin, error)
                refused = error  # raised once the evidence is stored
            else:
                return _answer(session, row, origin, answer)
        raise refused

    def evidence(self) -> list[Evidence]:
        """All kept contradictions, oldest first."""
        with self._database.read() as session:
            return list(session.exec(select(Evidence).order_by(col(Evidence.seen_at_ms))))

    def logs(self) -> list[WitnessedLog]:
        """What was cosigned last, by log."""
        with self._database.read() as session:
            return list(session.exec(select(WitnessedLog).order_by(col(WitnessedLog.origin))))

    def _witness(self) -> Witness:
        roster = self._rosters.in_time()
        logs = {log_origin(roster.federation, each.team): each.signing_key for each in roster.members}
        return Witness(broker_witness(roster.federation, self._broker), self._signer, logs)

    def _keep(self, session: Session, origin: str, error: Inconsistent) -> None:
        digest = hashlib.sha256(hashlib.sha256(error.earlier).digest() + error.later).digest()
        if session.get(Evidence, digest) is not None or not _has_room(session, origin, error.code):
            return
        session.add(
            Evidence(
                digest=digest,
                origin=origin,
                code=error.code,
                earlier=error.earlier,
                later=error.later,
                seen_at_ms=milliseconds(self._clock()),
            )
        )


def _answer(
    session: Session, row: WitnessedLog | None, origin: str, answer: Cosigned | KnownSize
) -> str | int:
    if isinstance(answer, KnownSize):
        return answer.size
    state = answer.state
    row = row or WitnessedLog(origin=origin, size=0, root=b"", note=b"")
    row.size, row.root, row.note = state.size, state.root, state.note
    session.add(row)
    return answer.line.to_line()


def _has_room(session: Session, origin: str, code: str) -> bool:
    if code == "fork":
        return True
    kept = session.exec(
        select(func.count())
        .select_from(Evidence)
        .where(col(Evidence.origin) == origin, col(Evidence.code) == code)
    ).one()
    return kept < MOST_SUSPICIONS
