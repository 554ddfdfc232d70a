"""The clock of an answer: started at receipt, stopped while something else is awaited, watched to its end.

Directive (EU) 2023/977, Articles 5, 6(3) and 9: a clarification that is asked and a judicial
authorisation that is pending stop the clock; a delay is told at once with its length and reasons. Before
a deadline lapses the deputy is called. The arithmetic of legal time is `policy.deadlines`.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from comity.errors import Conflict, Forbidden
from comity.officer import check_approval
from comity.v1 import delivery_pb2
from node.records import InformationRequestRow
from node.service import ledger, officers
from node.service.context import Node, raise_alarm
from node.service.outgoing import send
from node.service.stated import get_request
from policy.deadlines import CLARIFICATION, JUDICIAL, Account, Pause, Period, standing
from policy.findings import Deadline
from policy.parameters import parameters

ROLE = "R-LO"
JUDGE = "R-JUD"
ESCALATE_AT = 75  # per cent of the running time
_STATES = ("pending", "granted", "refused")


def start(node: Node, row: InformationRequestRow, deadline: Deadline) -> None:
    """Starts the clock of a request at its receipt; a clock that runs goes on under the new period."""
    hours = deadline.duration.total_seconds() / 3600
    days = deadline.duration.days if hours >= 24 else 0
    national = parameters(node.now().date(), node.settings.state.lower() or None)
    row.clock = {
        "pauses": row.clock.get("pauses", []),
        "period": deadline.kind,
        "hours": 0 if days else int(hours),
        "days": days,
        "cites": deadline.cites,
        "zone": national.zone,
    }
    row.deadline = deadline.cites
    row.due_at = standing(account(row), node.now(), ESCALATE_AT).due_at


def account(row: InformationRequestRow) -> Account:
    """The clock as `policy.deadlines` counts it."""
    clock = row.clock
    pauses = tuple(
        Pause(p["reason"], _time(p["start"]), _time(p["end"]) if p["end"] else None) for p in clock["pauses"]
    )
    period = Period(clock["period"], clock["hours"], clock["days"], clock["cites"])
    received = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    return Account(received, period, clock["zone"], pauses)


def view(node: Node, row: InformationRequestRow) -> dict[str, Any]:
    """How the clock stands now."""
    if not row.clock:
        return {"status": "none"}
    now = standing(account(row), node.now(), ESCALATE_AT)
    return {
        "status": now.status,
        "due_at": now.due_at.isoformat() if now.due_at else None,
        "left_seconds": int(now.left.total_seconds()),
        "pauses": row.clock["pauses"],
    }


def words_digest(request: str, status: str, text: str) -> bytes:
    """What an officer signs when a question or a delay is told (32 bytes)."""
    parts = b"".join(len(part).to_bytes(4, "big") + part for part in (status.encode(), text.encode()))
    return hashlib.sha256(b"comity words v1" + bytes.fromhex(request) + parts).digest()


def clarify(node: Node, request: str, text: str, signature: bytes) -> dict[str, Any]:
    """Asks the requester before anything is refused; the clock stands until it answers."""
    with node.store.write() as session:
        row = get_request(session, request, "in")
        if row.state == "clarify":
            return {"request": row.id, "state": row.state}
        if row.state != "open":
            raise Conflict(f"this request is {row.state}", field="request")
        officer = _tell(session, node, row, "clarify", text, signature, ROLE)
        row.state = "clarify"
        _pause(node, row, CLARIFICATION)
        session.add(row)
        _log(session, node, row, officer, "clarification asked; the clock stands")
        return {"request": row.id, "state": row.state, "clock": view(node, row)}


def clarified(session: Session, node: Node, row: InformationRequestRow) -> None:
    """The requester answered: the clock runs again."""
    row.state = "open"
    _resume(node, row, CLARIFICATION)
    session.add(row)


def authorisation(node: Node, request: str, state: str, words: str, signature: bytes) -> dict[str, Any]:
    """Records where a judicial authorisation stands; the requester is told of the delay at once."""
    if state not in _STATES:
        raise Conflict("an authorisation is pending, granted or refused", field="state")
    with node.store.write() as session:
        row = get_request(session, request, "in")
        if row.judicial == state:
            return {"request": row.id, "judicial": row.judicial}
        if state == "pending":
            officer = _tell(session, node, row, "delayed", words, signature, ROLE)
            _pause(node, row, JUDICIAL)
        else:
            signed = delivery_pb2.OfficerSignature.FromString(signature)
            digest = words_digest(row.id, state, words)
            officer = officers.check_own(session, node, signed, digest, JUDGE).officer
            if row.judicial == "pending":
                _resume(node, row, JUDICIAL)
        row.judicial = state
        session.add(row)
        _log(session, node, row, officer, f"judicial authorisation {state}")
        return {"request": row.id, "judicial": state, "clock": view(node, row)}


def told(
    session: Session, node: Node, row: InformationRequestRow, sender: str, message: delivery_pb2.Answer
) -> None:
    """A question or a notice of delay arrives at the requester, signed by an officer of the provider."""
    if len(message.approvals) != 1:
        raise Forbidden("one officer of the provider signs a question or a notice", field="approvals")
    check_approval(
        message.approvals[0],
        words_digest(row.id, message.status, message.clarification),
        roster=node.roster(session),
        team=sender,
        required_role=ROLE,
        now=node.now(),
    )
    if message.status == "clarify":
        row.state = "clarify"
    row.answer = {**row.answer, "status": message.status, "words": message.clarification}
    session.add(row)
    _log(session, node, row, message.approvals[0].officer, f"told by the provider: {message.status}")


def watch(node: Node) -> dict[str, int]:
    """Calls the deputy before a deadline lapses, and raises an alarm when one did."""
    called = lapsed = 0
    with node.store.write() as session:
        query = select(InformationRequestRow).where(
            InformationRequestRow.direction == "in", InformationRequestRow.state == "open"
        )
        for row in session.exec(query.order_by(col(InformationRequestRow.at))).all():
            if not row.clock:
                continue
            now = standing(account(row), node.now(), ESCALATE_AT)
            row.due_at = now.due_at
            if now.status == "lapsed" and row.escalated != "lapsed":
                row.escalated, lapsed = "lapsed", lapsed + 1
                raise_alarm(
                    session, node, "critical", "deadline-lapsed", f"request {row.id} was not answered in time"
                )
            elif not row.escalated and now.escalate_at is not None and now.escalate_at <= node.now():
                row.escalated, called = "deputy", called + 1
                raise_alarm(
                    session,
                    node,
                    "warning",
                    "deadline-soon",
                    f"request {row.id} is due soon: the deputy takes over",
                )
            session.add(row)
    return {"called": called, "lapsed": lapsed}


def _tell(
    session: Session,
    node: Node,
    row: InformationRequestRow,
    status: str,
    text: str,
    signature: bytes,
    role: str,
) -> str:
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    officer = officers.check_own(session, node, signed, words_digest(row.id, status, text), role)
    answer = delivery_pb2.Answer(
        request=bytes.fromhex(row.id),
        disclosure=bytes(16),
        route=delivery_pb2.ANSWER_ROUTE_NONE,
        content_digest=bytes(32),
        approvals=[signed],
        status=status,
        clarification=text,
    )
    send(session, node, answer, row.peer)
    return officer.officer


def _pause(node: Node, row: InformationRequestRow, reason: str) -> None:
    if not row.clock:
        return
    open_one = {"reason": reason, "start": node.now().isoformat(), "end": None}
    row.clock = {**row.clock, "pauses": [*row.clock["pauses"], open_one]}
    row.due_at = None


def _resume(node: Node, row: InformationRequestRow, reason: str) -> None:
    if not row.clock:
        return
    pauses = [
        {**pause, "end": node.now().isoformat()} if pause["reason"] == reason and not pause["end"] else pause
        for pause in row.clock["pauses"]
    ]
    row.clock = {**row.clock, "pauses": pauses}
    row.due_at = standing(account(row), node.now(), ESCALATE_AT).due_at


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _log(session: Session, node: Node, row: InformationRequestRow, officer: str, words: str) -> None:
    ledger.record(
        session,
        node,
        "alteration",
        user=officer,
        member=row.peer,
        justification=words,
        legal_basis="Directive (EU) 2023/977 Articles 5(2), 6(3) and 9",
        result=f"request {row.id}",
        subject=f"request:{row.id}",
    )
