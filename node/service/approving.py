"""Proposing, approving, taking back, refusing: named humans sign exactly what would leave.

1. The sheet shows what would leave, to whom, under which articles, and the digest over all of it.
2. One officer proposes by signing that digest. 3. Another officer (never the proposer), and every role
that the law names, signs the same digest. 4. Then the release is scheduled, and can be taken back until
its time. Keys of officers are never here: signatures arrive from where the officer sits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from comity.errors import Conflict, Forbidden, NotFound
from comity.officer import Officer, check_approval
from comity.v1 import delivery_pb2
from comity.v1.envelope_pb2 import Header
from node.flow import answer
from node.records import Disclosure, InformationRequestRow
from node.service import deciding, ledger, officers
from node.service.context import Node, wake_after
from node.service.stated import body_of, get_request
from policy import Decision, decide, explain

PROPOSER_ROLES = ("R-CO", "R-LO")
REFUSER = "R-LO"
_FINAL = ("released", "refused", "stopped", "taken-back")


class Prepared(NamedTuple):
    """A disclosure as it would be: its id, what leaves, and who must sign."""

    disclosure: bytes
    leaving: answer.Leaving
    decision: Decision
    decision_id: str
    route: str
    roles: list[str]


def prepare(
    session: Session,
    node: Node,
    row: InformationRequestRow,
    dropped: Iterable[str] = (),
    *,
    reviewed_by: str = "",
) -> Prepared:
    """Builds what would leave from today's facts and law. The same inputs give the same bytes."""
    decision = decide_now(session, node, row, reviewed_by=reviewed_by)
    name = deciding.decision_id(row, decision)
    held = deciding.items_of(session, node, row)
    request = bytes.fromhex(row.id)
    message = body_of(session, node, row)
    away = set(dropped)
    kept = [one.id for one in held if one.id not in away and _permitted(decision, one.id)]
    attempt = _attempt(session, row)
    disclosure = answer.disclosure_id(request, name, kept, attempt)
    route = decision.route if kept else "none"
    leaving = answer.compose(
        request=request,
        disclosure=disclosure,
        addressee=row.peer,
        route=route,
        purpose=message.purpose,
        held=held,
        decision=decision,
        dropped=away,
        asked=list(message.items),
    )
    roles = sorted({role for item in kept for role in decision.items[item].roles} or {"R-LO"})
    return Prepared(disclosure, leaving, decision, name, route, roles)


def decide_now(
    session: Session, node: Node, row: InformationRequestRow, *, reviewed_by: str = ""
) -> Decision:
    """The decision of this moment, not stored."""
    return decide(deciding.proposal(session, node, row, reviewed_by=reviewed_by))


def sheet(node: Node, request: str, dropped: Iterable[str] = (), *, reviewed_by: str = "") -> dict[str, Any]:
    """The decision sheet: what would leave, who would see it, why, by when, who must sign."""
    with node.store.write() as session:
        row = get_request(session, request, "in")
        deciding.judge(session, node, row, reviewed_by=reviewed_by)
        prepared = prepare(session, node, row, dropped, reviewed_by=reviewed_by)
        content = delivery_pb2.DisclosureContent.FromString(prepared.leaving.content)
        ledger.record(
            session,
            node,
            "consultation",
            member=row.peer,
            user=reviewed_by or "operator",
            justification="decision sheet opened",
            legal_basis="Directive (EU) 2023/977 Article 6",
            result=f"request {row.id}",
            subject=f"request:{row.id}",
        )
        return {
            "request": row.id,
            "requester": row.peer,
            "requester_officer": row.officer,
            "due_at": row.due_at.isoformat() if row.due_at else None,
            "deadline": row.deadline,
            "disclosure": prepared.disclosure.hex(),
            "decision": prepared.decision_id,
            "outcome": str(prepared.decision.outcome),
            "route": prepared.route,
            "leaves": _leaves(content),
            "stays": _stays(session, node, row, prepared),
            "requester_reads": [
                {"category": item.category, "ground": item.ground, "way_out": item.way_out}
                for item in prepared.leaving.refused
            ],
            "roles": prepared.roles,
            "missing": list(prepared.decision.clarify),
            "explained": explain(prepared.decision),
            "digest": prepared.leaving.approval_digest.hex(),
        }


def content(node: Node, disclosure: str, reader: str) -> dict[str, Any]:
    """A disclosure with what leaves, field by field: what an approver reads before signing. Logged."""
    with node.store.write() as session:
        row = get(session, disclosure)
        opened = node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
        ledger.record(
            session,
            node,
            "consultation",
            user=reader or "operator",
            member=row.peer,
            justification="disclosure read before approval",
            legal_basis="four eyes: docs/law.md",
            result=f"disclosure {row.id}",
            subject=f"disclosure:{row.id}",
        )
        return {**view(row), "leaves": _leaves(delivery_pb2.DisclosureContent.FromString(opened))}


def _leaves(content: delivery_pb2.DisclosureContent) -> list[dict[str, Any]]:
    return [
        {
            "item": item.item,
            "category": item.category,
            "label": item.label,
            "value": item.value,
            "handling": item.conditions.handling,
            "evaluation": item.conditions.evaluation,
            "article": item.article,
        }
        for item in content.items
    ]


def _stays(
    session: Session, node: Node, row: InformationRequestRow, prepared: Prepared
) -> list[dict[str, Any]]:
    stays = []
    for one in deciding.items_of(session, node, row):
        if one.id in prepared.leaving.kept:
            continue
        found = prepared.decision.items.get(one.id)
        refused = found is not None and not found.permitted
        why = (
            next((f for f in found.findings if f.ground_code == found.ground), None)
            if found and refused
            else None
        )
        stays.append(
            {
                "item": one.id,
                "category": one.category,
                "label": one.label,
                "article": why.cites if why else "",
                "reason": why.sentence if why else "left out by the officer",
                "way_out": found.way_out if found and refused else "",
            }
        )
    return stays


def propose(node: Node, request: str, dropped: Iterable[str], signature: bytes) -> dict[str, Any]:
    """Stores a disclosure as one officer proposes it."""
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    with node.store.write() as session:
        row = get_request(session, request, "in")
        _check_open(row)
        proposer = signed.officer
        prepared = prepare(session, node, row, dropped, reviewed_by=proposer)
        if (known := session.get(Disclosure, prepared.disclosure.hex())) is not None:
            return view(known)
        if signed.role not in PROPOSER_ROLES:
            raise Forbidden("a case officer or a liaison officer proposes", field="role")
        officers.check_own(session, node, signed, prepared.leaving.approval_digest, signed.role)
        if not prepared.leaving.kept:
            raise Conflict(
                "nothing may leave, so there is nothing to propose",
                field="request",
                remedy="comity-node refuse REQUEST",
            )
        _refuse_if_pending(session, row)
        deciding.store(session, node, row, prepared.decision)
        made = _row(session, node, row, prepared, proposer)
        session.add(made)
        _log(session, node, made, proposer, "disclosure proposed")
        return view(made)


def _row(
    session: Session, node: Node, row: InformationRequestRow, prepared: Prepared, proposer: str
) -> Disclosure:
    name = prepared.disclosure.hex()
    where = f"disclosure/{name}/content"
    return Disclosure(
        id=name,
        request_id=row.id,
        decision_id=prepared.decision_id,
        peer=row.peer,
        route=prepared.route,
        content_sealed=node.vault.seal(session, where, prepared.leaving.content),
        content_digest=prepared.leaving.content_digest.hex(),
        approval_digest=prepared.leaving.approval_digest.hex(),
        proposer=proposer,
        proposed_at=node.now(),
        roles_needed=prepared.roles,
        refused=[
            {"category": item.category, "ground": item.ground, "way_out": item.way_out}
            for item in prepared.leaving.refused
        ],
    )


def approve(node: Node, disclosure: str, signature: bytes) -> dict[str, Any]:
    """Adds one officer's approval; schedules the release once every role has signed."""
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    with node.store.write() as session:
        row = get(session, disclosure)
        if any(each["officer"] == signed.officer and each["role"] == signed.role for each in row.approvals):
            return view(row)
        if row.state != "proposed":
            raise Conflict(f"this disclosure is {row.state}", field="disclosure")
        officer = _approver(session, node, row, signed)
        row.approvals = [
            *row.approvals,
            {
                "officer": officer.officer,
                "team": officer.team,
                "role": signed.role,
                "at": node.now().isoformat(),
                "signed": signed.SerializeToString(deterministic=True).hex(),
            },
        ]
        if set(row.roles_needed) <= {each["role"] for each in row.approvals}:
            row.state = "scheduled"
            row.release_at = node.now() + timedelta(seconds=node.settings.release_seconds)
        session.add(row)
        _log(session, node, row, officer.officer, f"disclosure approved as {signed.role}")
        wake_after(session, node, "release")
        return view(row)


def _approver(
    session: Session, node: Node, row: Disclosure, signed: delivery_pb2.OfficerSignature
) -> Officer:
    digest = bytes.fromhex(row.approval_digest)
    if signed.role not in row.roles_needed:
        raise Forbidden(
            f"this disclosure needs {', '.join(row.roles_needed)}, not {signed.role or 'no role'}",
            field="role",
        )
    if signed.role == "R-ORIG" and _team_of(signed) != node.team:
        return check_origin(session, node, row, signed)
    officer = officers.check_own(session, node, signed, digest, signed.role)
    if officer.officer == row.proposer:
        raise Forbidden(
            "the officer who proposed a disclosure does not approve it",
            code="four-eyes",
            field="officer",
            remedy="another officer with the role has to sign",
        )
    if any(each["officer"] == officer.officer for each in row.approvals):
        raise Forbidden("one officer signs once", code="four-eyes", field="officer")
    return officer


def check_origin(
    session: Session, node: Node, row: Disclosure, signed: delivery_pb2.OfficerSignature
) -> Officer:
    """An officer of another team agrees, for the state that some of the content comes from."""
    roster, team = node.roster(session), _team_of(signed)
    officer = check_approval(
        signed,
        bytes.fromhex(row.approval_digest),
        roster=roster,
        team=team,
        required_role="R-ORIG",
        now=node.now(),
    )
    content = node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
    items = delivery_pb2.DisclosureContent.FromString(content).items
    if roster.team(team).state.upper() not in {item.conditions.origin for item in items}:
        raise Forbidden(
            "nothing of this disclosure comes from that officer's state", code="wrong-origin", field="officer"
        )
    return officer


def _team_of(signed: delivery_pb2.OfficerSignature) -> str:
    return Header.FromString(signed.certificate.header).sender


def take_back(node: Node, disclosure: str, officer: str) -> dict[str, Any]:
    """Takes an approved disclosure back before it is released; afterwards only a recall helps."""
    with node.store.write() as session:
        row = get(session, disclosure)
        if row.state not in ("proposed", "scheduled"):
            raise Conflict(
                f"this disclosure is {row.state}",
                field="disclosure",
                remedy="comity-node correct or withdraw",
            )
        row.state, row.release_at = "taken-back", None
        session.add(row)
        _log(session, node, row, officer or "operator", "disclosure taken back before release")
        return view(row)


def refusal(session: Session, node: Node, row: InformationRequestRow) -> Prepared:
    """What a whole refusal would say: every category with its ground and way out, no content.

    Whoever signs it has looked at the hit, so the law is asked as after a person's review.
    """
    decision = decide_now(session, node, row, reviewed_by=REFUSER)
    held = deciding.items_of(session, node, row)
    everything = [one.id for one in held]
    message = body_of(session, node, row)
    request = bytes.fromhex(row.id)
    name = deciding.decision_id(row, decision)
    disclosure = answer.disclosure_id(request, name, [], _attempt(session, row))
    leaving = answer.compose(
        request=request,
        disclosure=disclosure,
        addressee=row.peer,
        route="none",
        purpose=message.purpose,
        held=held,
        decision=decision,
        dropped=everything,
        asked=list(message.items),
    )
    return Prepared(disclosure, leaving, decision, name, "none", ["R-LO"])


def refusal_sheet(node: Node, request: str) -> dict[str, Any]:
    """What the requester would read of a refusal, and the digest to sign."""
    with node.store.read() as session:
        row = get_request(session, request, "in")
        prepared = refusal(session, node, row)
        return {
            "request": request,
            "permitted_by_law": list(prepared.decision.permitted),
            "requester_reads": [
                {"category": item.category, "ground": item.ground, "way_out": item.way_out}
                for item in prepared.leaving.refused
            ],
            "digest": prepared.leaving.approval_digest.hex(),
            "role": "R-LO",
        }


def get(session: Session, name: str) -> Disclosure:
    """A disclosure by its id."""
    row = session.get(Disclosure, name)
    if row is None:
        raise NotFound("there is no such disclosure", field="disclosure", remedy="comity-node decide REQUEST")
    return row


def listing(session: Session) -> list[dict[str, Any]]:
    """All disclosures, newest first."""
    rows = session.exec(select(Disclosure).order_by(col(Disclosure.proposed_at).desc())).all()
    return [view(row) for row in rows]


def view(row: Disclosure) -> dict[str, Any]:
    """A disclosure without its content."""
    return {
        "disclosure": row.id,
        "request": row.request_id,
        "peer": row.peer,
        "state": row.state,
        "route": row.route,
        "digest": row.approval_digest,
        "proposer": row.proposer,
        "roles": row.roles_needed,
        "approvals": [
            {"officer": each["officer"], "role": each["role"], "at": each["at"]} for each in row.approvals
        ],
        "refused": row.refused,
        "release_at": row.release_at.isoformat() if row.release_at else None,
        "released_at": row.released_at.isoformat() if row.released_at else None,
        "siena_reference": row.siena_reference,
        "receipt_at": row.receipt_at.isoformat() if row.receipt_at else None,
    }


def _permitted(decision: Decision, item: str) -> bool:
    found = decision.items.get(item)
    return found is not None and found.permitted


def _check_open(row: InformationRequestRow) -> None:
    if row.state not in ("open", "clarify"):
        raise Conflict(f"this request is {row.state}", field="request")


def _attempt(session: Session, row: InformationRequestRow) -> int:
    """How many disclosures of this request were taken back or stopped: each new one has a new id."""
    query = select(Disclosure.id).where(
        Disclosure.request_id == row.id, col(Disclosure.state).in_(("taken-back", "stopped"))
    )
    return len(session.exec(query).all())


def _refuse_if_pending(session: Session, row: InformationRequestRow) -> None:
    query = select(Disclosure).where(Disclosure.request_id == row.id, col(Disclosure.state).not_in(_FINAL))
    if session.exec(query).first() is not None:
        raise Conflict(
            "another disclosure for this request is waiting",
            field="request",
            remedy="comity-node take-back DISCLOSURE first",
        )


def _log(session: Session, node: Node, row: Disclosure, user: str, words: str) -> None:
    ledger.record(
        session,
        node,
        "alteration",
        user=user,
        member=row.peer,
        justification=words,
        legal_basis="four eyes: docs/law.md",
        result=f"disclosure {row.id}",
        decision_id=row.decision_id,
        approval_digest=row.approval_digest,
        subject=f"disclosure:{row.id}",
    )
