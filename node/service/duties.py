"""Duties that a decision leaves behind: what the node does by itself, and what waits for an officer.

Every obligation of a released decision becomes one row. What the release itself carried out (log,
conditions, reliability, four eyes) is closed at once with how it was done; the rest stays open until an
officer says, by signature, how it was done. The receiver's receipt closes the duty to obtain one.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from comity.errors import NotFound
from node.records import Duty
from node.service import ledger
from node.service.context import Node
from policy import Decision

# Kinds that the release carries out in its own transaction, and where to look.
_IN_CONDITIONS = "inside the conditions that travel with each item"
CARRIED_OUT = {
    "log": "log record of the disclosure",
    "route": "route of the answer",
    "release": "approvals of other officers than the proposer",
    "conditions": _IN_CONDITIONS,
    "reliability": _IN_CONDITIONS,
    "mark-assessment": _IN_CONDITIONS,
    "evidence-flag": _IN_CONDITIONS,
    "handling-note": _IN_CONDITIONS,
    "no-onward": _IN_CONDITIONS,
    "no-judicial-use": _IN_CONDITIONS,
}


def attach(session: Session, node: Node, subject: str, decision: Decision, items: list[str]) -> None:
    """Turns the obligations of the items that left into duties, each once."""
    seen: set[str] = set()
    for name in items:
        for obligation in decision.items[name].obligations:
            if obligation.kind in seen or _known(session, subject, obligation.kind):
                continue
            seen.add(obligation.kind)
            how = CARRIED_OUT.get(obligation.kind, "")
            session.add(
                Duty(
                    subject=subject,
                    kind=obligation.kind,
                    text=obligation.text,
                    cites=obligation.cites,
                    carrier="node" if how else "officer",
                    state="done" if how else "open",
                    how=how,
                    created_at=node.now(),
                    done_at=node.now() if how else None,
                )
            )
    session.flush()


def done(node: Node, number: int, how: str, officer: str) -> dict[str, Any]:
    """An officer says how a duty was done."""
    with node.store.write() as session:
        row = session.get(Duty, number)
        if row is None:
            raise NotFound("there is no such duty", field="number", remedy="comity-node duties")
        if row.state == "open":
            row.state, row.how, row.done_by, row.done_at = "done", how, officer, node.now()
            session.add(row)
            ledger.record(
                session,
                node,
                "alteration",
                user=officer,
                justification=f"duty done: {row.kind}",
                legal_basis=row.cites or "LED Article 4(4)",
                result=f"duty {row.id}",
                subject=row.subject,
            )
        return view(row)


def listing(session: Session) -> list[dict[str, Any]]:
    """All duties, open ones first."""
    query = select(Duty).order_by(col(Duty.state).desc(), col(Duty.id))
    return [view(row) for row in session.exec(query).all()]


def view(row: Duty) -> dict[str, Any]:
    """One duty in words."""
    return {
        "number": row.id,
        "subject": row.subject,
        "kind": row.kind,
        "text": row.text,
        "cites": row.cites,
        "carrier": row.carrier,
        "state": row.state,
        "how": row.how,
        "done_by": row.done_by,
    }


def _known(session: Session, subject: str, kind: str) -> bool:
    query = select(Duty).where(Duty.subject == subject, Duty.kind == kind)
    return session.exec(query).first() is not None
