"""The one door: content leaves through `release`, or not at all.

Default deny. At the moment of release the law is asked again, the content is built again and compared
with what was approved, and the approvals are checked again; then 'released', the log entry and the
outgoing envelope are committed together. An error is a denial and an alarm. A canary that must be
refused goes through the same judgement on a timer; if it ever passes, the door locks itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from comity.errors import ComityError, Conflict, Forbidden, Unavailable
from comity.seal import seal
from comity.v1 import delivery_pb2
from node.flow.facts import party
from node.records import Disclosure, InformationRequestRow
from node.service import approving, deciding, duties, ledger, officers
from node.service.context import Node, get_meta, raise_alarm, set_meta
from node.service.outgoing import send
from node.service.stated import get_request
from policy import Action, Decision, Item, Proposal, Request, decide

LOCK = "egress.locked"
CANARY = "canary.refused_at"
_ROUTES = {
    "comity": delivery_pb2.ANSWER_ROUTE_COMITY,
    "siena": delivery_pb2.ANSWER_ROUTE_SIENA,
    "none": delivery_pb2.ANSWER_ROUTE_NONE,
}


def release_due(node: Node) -> list[dict[str, Any]]:
    """Releases every disclosure whose time has come; a failure stops that one and raises an alarm."""
    with node.store.read() as session:
        query = select(Disclosure.id).where(
            Disclosure.state == "scheduled", col(Disclosure.release_at) <= node.now()
        )
        due = list(session.exec(query).all())
    return [release(node, name) for name in due]


def release(node: Node, name: str) -> dict[str, Any]:
    """Lets one approved disclosure leave, if it still may."""
    try:
        with node.store.write() as session:
            row = approving.get(session, name)
            if row.state != "scheduled":
                return approving.view(row)
            _judge_again(session, node, row)
            _leave(session, node, row)
            return approving.view(row)
    except Unavailable:
        raise  # a full disk or a busy database: nothing left, nothing changed, and the time comes again
    except Exception as error:  # noqa: BLE001 - an error denies, whatever it is
        reason = error.message if isinstance(error, ComityError) else type(error).__name__
        return _stop(node, name, reason)


def refuse(node: Node, request: str, signature: bytes) -> dict[str, Any]:
    """Refuses a request as a whole, signed by a liaison officer; grounds and ways out only."""
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    with node.store.write() as session:
        row = get_request(session, request, "in")
        if row.state not in ("open", "clarify"):
            return {"request": row.id, "state": row.state}
        prepared = approving.refusal(session, node, row)
        digest = prepared.leaving.approval_digest
        officer = officers.check_own(session, node, signed, digest, "R-LO")
        if prepared.decision.permitted:
            raise Forbidden(
                "the law permits an answer, so a refusal needs one of its listed grounds",
                code="closed-list",
                field="request",
                remedy="comity-node decide, and leave out what must not leave item by item",
            )
        deciding.store(session, node, row, prepared.decision)
        row.state = "refused"
        session.add(row)
        statement = send(
            session,
            node,
            delivery_pb2.Answer(
                request=bytes.fromhex(row.id),
                disclosure=prepared.disclosure,
                route=delivery_pb2.ANSWER_ROUTE_NONE,
                refused=prepared.leaving.refused,
                content_digest=prepared.leaving.content_digest,
                approvals=[signed],
                status="refused",
            ),
            row.peer,
        )
        ledger.record(
            session,
            node,
            "disclosure",
            user=officer.officer,
            member=row.peer,
            recipient=row.peer,
            justification="request refused: grounds and ways out sent",
            legal_basis="Directive (EU) 2023/977 Article 6",
            result=f"request {row.id}",
            rules=prepared.decision.rules,
            decision=str(prepared.decision.outcome),
            decision_id=prepared.decision_id,
            approvers=[f"{officer.officer} (R-LO)"],
            statement=statement,
            subject=f"request:{row.id}",
        )
        return {"request": row.id, "state": row.state}


def _judge_again(session: Session, node: Node, row: Disclosure) -> None:
    """1. The door is open. 2. Today's law permits the same items. 3. The content is byte for byte what
    was approved. 4. Every approval still holds, the proposer is none of them."""
    if get_meta(session, LOCK):
        raise Forbidden("the gate failed its canary and is locked", code="gate-locked")
    request = get_request(session, row.request_id, "in")
    content = node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
    approved = delivery_pb2.DisclosureContent.FromString(content)
    kept = {item.item for item in approved.items}
    held = {one.id for one in deciding.items_of(session, node, request)}
    prepared = approving.prepare(session, node, request, held - kept, reviewed_by=row.proposer)
    if set(prepared.leaving.kept) != kept:
        raise Forbidden("the law no longer permits everything that was approved", code="judged-again")
    same = (prepared.leaving.content_digest.hex(), prepared.leaving.approval_digest.hex(), prepared.route)
    if same != (row.content_digest, row.approval_digest, row.route):
        raise Conflict("what would leave is not what was approved", code="judged-again")
    if not set(prepared.roles) <= {each["role"] for each in row.approvals}:
        raise Forbidden("a role that the law now demands has not signed", code="judged-again")
    for each in row.approvals:
        _check_approval(session, node, row, each)


def _check_approval(session: Session, node: Node, row: Disclosure, each: dict[str, Any]) -> None:
    signed = delivery_pb2.OfficerSignature.FromString(bytes.fromhex(each["signed"]))
    if each["team"] == node.team:
        officers.check_own(session, node, signed, bytes.fromhex(row.approval_digest), signed.role)
        if signed.officer == row.proposer:
            raise Forbidden("the proposer approved itself", code="four-eyes")
    else:
        approving.check_origin(session, node, row, signed)


def _leave(session: Session, node: Node, row: Disclosure) -> None:
    request = get_request(session, row.request_id, "in")
    content = node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
    decision = deciding.stored(session, node, row.decision_id)
    message = _answer(session, node, row, content)
    statement = send(session, node, message, row.peer)
    row.state, row.released_at = "released", node.now()
    row.siena_reference = message.siena_reference
    request.state = "answered"
    session.add(row)
    session.add(request)
    left = delivery_pb2.DisclosureContent.FromString(content)
    duties.attach(session, node, f"disclosure:{row.id}", decision, [item.item for item in left.items])
    ledger.record(
        session,
        node,
        "disclosure",
        user=row.proposer,
        member=row.peer,
        recipient=row.peer,
        justification=f"answer released by {row.route}",
        legal_basis=request.deadline or "Directive (EU) 2023/977 Article 5",
        query_type="information",
        result=f"disclosure {row.id}",
        rules=decision.rules,
        decision=str(decision.outcome),
        decision_id=row.decision_id,
        approvers=[f"{each['officer']} ({each['role']})" for each in row.approvals],
        statement=statement,
        content_digest=row.content_digest,
        approval_digest=row.approval_digest,
        subject=f"disclosure:{row.id}",
    )


def _answer(session: Session, node: Node, row: Disclosure, content: bytes) -> delivery_pb2.Answer:
    message = delivery_pb2.Answer(
        request=bytes.fromhex(row.request_id),
        disclosure=bytes.fromhex(row.id),
        route=_ROUTES[row.route],
        refused=[delivery_pb2.RefusedItem(**each) for each in row.refused],
        content_digest=bytes.fromhex(row.content_digest),
        approvals=[
            delivery_pb2.OfficerSignature.FromString(bytes.fromhex(each["signed"])) for each in row.approvals
        ],
        status="answered",
    )
    if row.route == "comity":
        addressee = node.roster(session).team(row.peer)
        message.sealed.CopyFrom(
            seal(
                addressee.sealing_key,
                content,
                info=content_info(node.team, row.peer, message.request, message.disclosure),
                chance=node.chance,
            )
        )
    if row.route == "siena":
        message.siena_reference = f"{node.team.upper()}-{node.now():%Y}-{row.id[:12].upper()}"
    return message


def content_info(sender: str, recipient: str, request: bytes, disclosure: bytes) -> bytes:
    """What a sealed answer is bound to: both teams, the request and the disclosure."""
    return b"comity disclosure v1\0" + f"{sender}\0{recipient}\0".encode() + request + disclosure


def _stop(node: Node, name: str, reason: str) -> dict[str, Any]:
    with node.store.write() as session:
        row = approving.get(session, name)
        row.state, row.release_at = "stopped", None
        session.add(row)
        raise_alarm(session, node, "critical", "release-stopped", f"disclosure {name} was stopped: {reason}")
        ledger.record(
            session,
            node,
            "alteration",
            member=row.peer,
            justification="release stopped by the gate: an error or a change denies",
            legal_basis="default deny: docs/law.md",
            result=f"disclosure {row.id}",
            decision_id=row.decision_id,
            subject=f"disclosure:{row.id}",
        )
        return {**approving.view(row), "reason": reason}


def canary(node: Node) -> dict[str, Any]:
    """Asks the gate for a disclosure that must be refused. If it is not, the door locks."""
    with node.store.write() as session:
        try:
            decision = decide(_forbidden(session, node))
            refused = not decision.permitted and _names_its_ground(decision)
            reason = "refused"
        except Exception as error:  # noqa: BLE001 - an error denies, whatever it is
            refused, reason = True, f"denied by an error: {type(error).__name__}"
            raise_alarm(session, node, "warning", "canary-error", f"the gate failed on its canary: {reason}")
        if refused:
            set_meta(session, CANARY, node.now().isoformat())
        else:
            set_meta(session, LOCK, node.now().isoformat())
            raise_alarm(
                session,
                node,
                "critical",
                "canary-passed",
                "the gate let its canary pass: nothing leaves until it is mended",
            )
        return {"refused": refused, "reason": reason, "locked": bool(get_meta(session, LOCK))}


def unlock(node: Node) -> dict[str, Any]:
    """Opens the door again once the canary is refused."""
    with node.store.write() as session:
        set_meta(session, LOCK, "")
    return canary(node)


def _forbidden(session: Session, node: Node) -> Proposal:
    """A child victim's health, of third-state origin without consent, outdated: nobody may have it."""
    us = node.roster(session).team(node.team)
    here = party(us.team, us.state, us.member_class)
    item = Item(
        id="canary",
        kind="information",
        category="2(a)",
        subject_category="victim",
        child="yes",
        special=("health",),
        strictly_necessary=False,
        origin_state="xk",
        origin_consent=False,
        handling="H0",
        evaluation="B2",
        assessment=False,
        defect="outdated",
        retention_until=date(2000, 1, 1),
        safe_house=True,
        held="direct",
        personal=True,
    )
    return Proposal(
        action=Action.DISCLOSE,
        now=node.now(),
        provider=here,
        requester=here,
        request=Request(instrument="2023/977", purpose="thb", channel="comity"),
        items=(item,),
        purpose="thb",
        national=node.settings.state.lower() or None,
    )


def _names_its_ground(decision: Decision) -> bool:
    return all(item.ground for item in decision.items.values())


def due_soon(session: Session) -> list[InformationRequestRow]:
    """Open requests by deadline, the nearest first."""
    query = select(InformationRequestRow).where(
        InformationRequestRow.direction == "in", InformationRequestRow.state == "open"
    )
    return list(session.exec(query.order_by(col(InformationRequestRow.due_at))).all())
