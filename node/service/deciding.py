"""Deciding a request: the law's answer, item by item, stored complete enough to be replayed.

What the decision sheet shows is for the providing team only. What the requester may ever read of a
refusal is the fixed public text of its ground.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlmodel import Session, col, select

from comity.errors import NotFound
from node.flow import answer
from node.flow.facts import party, policy_item, policy_offence
from node.records import (
    DataItemRow,
    DecisionRow,
    Hit,
    HitRecord,
    InformationRequestRow,
    SelectorRecord,
)
from node.service.context import Node, raise_alarm
from node.service.intake import data_key
from node.service.stated import body_of, request_facts
from policy import Action, Decision, Item, Proposal, decide
from policy import Hit as HitFacts


def judge(session: Session, node: Node, row: InformationRequestRow, *, reviewed_by: str = "") -> Decision:
    """Decides a request by today's law and facts; stores the decision if it says something new."""
    decision = decide(proposal(session, node, row, reviewed_by=reviewed_by))
    if decision.alarms:
        rules = ", ".join(decision.alarms)
        raise_alarm(session, node, "critical", "rule-failed", f"rules failed and denied: {rules}")
    store(session, node, row, decision)
    return decision


def proposal(session: Session, node: Node, row: InformationRequestRow, *, reviewed_by: str = "") -> Proposal:
    """The facts of a request and of the items that it asks for."""
    roster = node.roster(session)
    us, them = roster.team(node.team), roster.team(row.peer)
    message = body_of(session, node, row)
    hit = session.get(Hit, row.hit_id)
    records = records_of(session, row.hit_id)
    case = next((record.case_id for record in records if record.case_id), None)
    basis = next((record.facts.get("legal_basis") for record in records), None)
    return Proposal(
        action=Action.DISCLOSE,
        now=node.now(),
        provider=party(us.team, us.state, us.member_class),
        requester=party(them.team, them.state, them.member_class),
        request=request_facts(message, row.at),
        items=tuple(_policy_item(one, row) for one in items_of(session, node, row)),
        case_reference=case,
        legal_basis=basis,
        purpose=message.purpose or None,
        offence=policy_offence({"offence": message.offence}),
        hit=HitFacts(
            id=row.hit_id,
            reviewed=bool(reviewed_by) or (hit is not None and hit.state == "confirmed"),
            reviewed_by=reviewed_by or None,
            automated_measure=False,
        ),
        national=node.settings.state.lower() or None,
    )


def _policy_item(one: answer.Held, row: InformationRequestRow) -> Item:
    """The item with what this moment knows: it is looked at because of a hit, and what a judge said."""
    said = {"judicial": row.judicial, "needs_judicial": True} if row.judicial else {}
    return policy_item(one.id, {**one.facts, **said}, from_hit=True)


def records_of(session: Session, hit: str) -> list[SelectorRecord]:
    """The own live records behind a hit."""
    query = (
        select(SelectorRecord)
        .join(HitRecord, col(HitRecord.record_id) == col(SelectorRecord.id))
        .where(HitRecord.hit_id == hit, SelectorRecord.state == "live")
        .order_by(col(SelectorRecord.created_at), col(SelectorRecord.id))
    )
    return list(session.exec(query).all())


def items_of(session: Session, node: Node, row: InformationRequestRow) -> list[answer.Held]:
    """The data items behind a request's hit that it asks for, opened."""
    asked = list(body_of(session, node, row).items)
    held: list[answer.Held] = []
    for record in records_of(session, row.hit_id):
        query = select(DataItemRow).where(DataItemRow.record_id == record.id, DataItemRow.state != "erased")
        for item in session.exec(query.order_by(col(DataItemRow.id))).all():
            if answer.wanted(item.category, asked):
                value = node.vault.open(
                    session, f"data_item/{item.id}/value", item.value_sealed, data_key(record.case_id)
                ).decode()
                held.append(answer.Held(item.id, item.category, item.label, value, item.facts))
    return held


def store(session: Session, node: Node, row: InformationRequestRow, decision: Decision) -> str:
    """Keeps a decision under an id derived from what it says; the same decision is kept once."""
    said = decision.to_dict()
    name = _name(row.id, said)
    if session.get(DecisionRow, name) is None:
        body = json.dumps(said).encode()
        session.add(
            DecisionRow(
                id=name,
                request_id=row.id,
                at=node.now(),
                route=decision.route,
                outcome=str(decision.outcome),
                law=decision.law_version,
                body_sealed=node.vault.seal(session, f"decision/{name}/body", body),
            )
        )
        session.flush()
    return name


def decision_id(row: InformationRequestRow, decision: Decision) -> str:
    """The id under which this decision is stored."""
    return _name(row.id, decision.to_dict())


def stored(session: Session, node: Node, name: str) -> Decision:
    """A stored decision, as it was taken."""
    return Decision.from_dict(stored_dict(session, node, name))


def stored_dict(session: Session, node: Node, name: str) -> dict[str, Any]:
    """A stored decision as JSON data, for `comity-policy replay`."""
    row = session.get(DecisionRow, name)
    if row is None:
        raise NotFound("there is no such decision", field="decision")
    data: dict[str, Any] = json.loads(node.vault.open(session, f"decision/{name}/body", row.body_sealed))
    return data


def _name(request: str, said: dict[str, Any]) -> str:
    """Equal for decisions that differ in the moment of asking only."""
    timeless = {**said, "facts": {**said["facts"], "now": None}}
    text = json.dumps(timeless, sort_keys=True, default=str)
    return hashlib.sha256(f"{request}\0{text}".encode()).hexdigest()[:32]
