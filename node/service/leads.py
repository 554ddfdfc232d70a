"""Leads of submit-only members: sealed to one national node, answered by a receipt and nothing else.

Whether the lead met anything never goes back (LED Article 9(1); Europol Regulation Articles 20(2), 26(5)).
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message
from sqlmodel import Session, col, select

from comity import envelope as envelopes
from comity.errors import Malformed
from comity.seal import open_box, seal
from comity.selector import normalise
from comity.v1 import delivery_pb2, envelope_pb2
from node.flow.facts import party
from node.records import LeadRow
from node.service import ledger
from node.service.context import Node
from node.service.gate import PURPOSE
from node.service.incoming import handles
from node.service.outgoing import send
from policy import Action, Proposal, decide


def submit(node: Node, to: str, kind: str, value: str, note: str, lead: str) -> dict[str, Any]:
    """Sends one lead to one national node."""
    normalise(kind, value)  # a lead that cannot match helps nobody: say so now
    with node.store.write() as session:
        if (known := session.get(LeadRow, lead)) is not None:
            return _view(known)
        member = node.roster(session).team(to)
        content = delivery_pb2.LeadContent(kind=kind, value=value, note=note).SerializeToString()
        name = bytes.fromhex(lead)
        box = seal(member.sealing_key, content, info=_info(node.team, to, name), chance=node.chance)
        send(session, node, delivery_pb2.Lead(lead=name, sealed=box), to)
        row = LeadRow(id=lead, direction="out", peer=to, at=node.now(), body_sealed=b"")
        session.add(row)
        return _view(row)


@handles(delivery_pb2.Lead)
def on_lead(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Keeps a lead for a person to look at; sends a receipt of fixed shape."""
    assert isinstance(message, delivery_pb2.Lead)
    if len(message.lead) != 16:
        raise Malformed("a lead has an id of 16 bytes", field="lead")
    name = message.lead.hex()
    if session.get(LeadRow, name) is not None:
        raise Malformed("another lead has this id", field="lead")
    content = open_box(node.keys.sealing, message.sealed, _info(sender, node.team, message.lead))
    envelopes.parse(delivery_pb2.LeadContent, content, "sealed")
    roster = node.roster(session)
    giver, taker = roster.team(sender), roster.team(node.team)
    decision = decide(
        Proposal(
            action=Action.LEAD,
            now=node.now(),
            provider=party(giver.team, giver.state, giver.member_class),
            requester=party(taker.team, taker.state, taker.member_class),
            purpose=PURPOSE,
        )
    )
    session.add(
        LeadRow(
            id=name,
            direction="in",
            peer=sender,
            at=node.now(),
            body_sealed=node.vault.seal(session, f"lead/{name}/body", content),
        )
    )
    receipt = delivery_pb2.LeadReceipt(lead=message.lead, received_at_ms=int(node.now().timestamp() * 1000))
    send(session, node, receipt, sender)
    ledger.record(
        session,
        node,
        "collection",
        member=sender,
        justification="lead received from a submit-only member",
        legal_basis="GDPR Article 6(1)(d), (f); LED Article 8",
        decision=str(decision.outcome),
        rules=decision.rules,
        result=f"lead {name}",
        subject=f"lead:{name}",
    )


@handles(delivery_pb2.LeadReceipt)
def on_lead_receipt(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """The national node has the lead."""
    assert isinstance(message, delivery_pb2.LeadReceipt)
    row = session.get(LeadRow, message.lead.hex())
    if row is not None and row.peer == sender:
        row.receipt_at = node.now()
        session.add(row)


def listing(node: Node) -> list[dict[str, Any]]:
    """Leads received, opened for the team's own eyes, and leads sent."""
    with node.store.read() as session:
        rows = session.exec(select(LeadRow).order_by(col(LeadRow.at))).all()
        return [{**_view(row), **_opened(session, node, row)} for row in rows]


def _opened(session: Session, node: Node, row: LeadRow) -> dict[str, Any]:
    if row.direction != "in":
        return {}
    body = node.vault.open(session, f"lead/{row.id}/body", row.body_sealed)
    content = delivery_pb2.LeadContent.FromString(body)
    return {"kind": content.kind, "value": content.value, "note": content.note}


def _view(row: LeadRow) -> dict[str, Any]:
    return {
        "lead": row.id,
        "direction": row.direction,
        "peer": row.peer,
        "at": row.at.isoformat(),
        "receipt_at": row.receipt_at.isoformat() if row.receipt_at else None,
    }


def _info(sender: str, recipient: str, lead: bytes) -> bytes:
    return b"comity lead v1\0" + f"{sender}\0{recipient}\0".encode() + lead
