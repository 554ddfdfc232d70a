"""Answers that arrive: opened, checked against what the provider's officers signed, receipted.

The conditions stay with every item. A recall reaches what was received, and is confirmed.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from sqlmodel import Session, col, select

from comity.errors import Corrupt, Forbidden, Malformed
from comity.officer import check_approval
from comity.seal import open_box
from comity.v1 import delivery_pb2, envelope_pb2
from node.flow import answer as flow
from node.records import Disclosure, InformationRequestRow, ReceivedItem
from node.service import clocks, ledger
from node.service.context import Node
from node.service.egress import content_info
from node.service.incoming import handles
from node.service.outgoing import send
from node.service.stated import get_request

_ROUTE_WORDS = {
    delivery_pb2.ANSWER_ROUTE_COMITY: "comity",
    delivery_pb2.ANSWER_ROUTE_SIENA: "siena",
    delivery_pb2.ANSWER_ROUTE_NONE: "none",
}


@handles(delivery_pb2.Answer)
def on_answer(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Takes an answer to our own request.

    1. The request is ours and went to this team. 2. Officers of the provider signed exactly this
    content, route and refusal. 3. The sealed content opens here and has the digest they signed.
    4. Items are kept with their conditions; a receipt goes back.
    """
    assert isinstance(message, delivery_pb2.Answer)
    row = get_request(session, message.request.hex(), "out")
    if row.peer != sender:
        raise Forbidden("the answer comes from another team than was asked", field="request")
    if message.status in ("clarify", "delayed"):
        clocks.told(session, node, row, sender, message)
        return
    _check_signed(session, node, sender, message)
    content = _content(node, sender, message)
    for item in content.items:
        _keep(session, node, row, message, item)
    row.state = "refused" if message.status == "refused" else "answered"
    row.answer = {
        "status": message.status,
        "route": _ROUTE_WORDS.get(message.route, "none"),
        "siena_reference": message.siena_reference,
        "disclosure": message.disclosure.hex(),
        "items": len(content.items),
        "refused": [
            {"category": item.category, "ground": item.ground, "way_out": item.way_out}
            for item in message.refused
        ],
        "approved_by": [f"{each.officer} ({each.role})" for each in message.approvals],
    }
    session.add(row)
    receipt = delivery_pb2.DisclosureReceipt(
        request=message.request,
        disclosure=message.disclosure,
        content_digest=message.content_digest,
        received_at_ms=int(node.now().timestamp() * 1000),
    )
    send(session, node, receipt, sender)
    ledger.record(
        session,
        node,
        "collection",
        member=sender,
        justification=f"answer received: {len(content.items)} items, {len(message.refused)} refused",
        legal_basis="Directive (EU) 2023/977 Article 5",
        result=f"disclosure {message.disclosure.hex()}",
        content_digest=message.content_digest.hex(),
        subject=f"request:{row.id}",
    )


@handles(delivery_pb2.DisclosureReceipt)
def on_receipt(
    session: Session, node: Node, sender: str, message: Message, statement: envelope_pb2.Envelope
) -> None:
    """Keeps the receiver's signed receipt with the disclosure."""
    assert isinstance(message, delivery_pb2.DisclosureReceipt)
    row = session.get(Disclosure, message.disclosure.hex())
    if row is None:
        return  # the receipt of a refusal, which is no disclosure
    if row.peer != sender or row.content_digest != message.content_digest.hex():
        raise Malformed("the receipt is for something else", field="disclosure")
    row.receipt = statement.SerializeToString()
    row.receipt_at = datetime.fromtimestamp(message.received_at_ms / 1000, UTC)
    session.add(row)
    ledger.record(
        session,
        node,
        "disclosure",
        member=sender,
        recipient=sender,
        justification="receipt signed by the receiver",
        legal_basis="LED Article 25",
        result=f"disclosure {row.id}",
        subject=f"disclosure:{row.id}",
    )


def received(session: Session, node: Node, request: str | None = None) -> list[dict[str, Any]]:
    """Items that peers disclosed to us, each with the conditions that bind us."""
    query = select(ReceivedItem).order_by(col(ReceivedItem.received_at), col(ReceivedItem.item))
    rows = session.exec(query if request is None else query.where(ReceivedItem.request_id == request)).all()
    return [
        {
            "item": row.item,
            "disclosure": row.disclosure_id,
            "request": row.request_id,
            "provider": row.provider,
            "category": row.category,
            "label": row.label,
            "value": _value(session, node, row),
            "conditions": row.conditions,
            "article": row.article,
            "state": row.state,
        }
        for row in rows
    ]


def _value(session: Session, node: Node, row: ReceivedItem) -> str:
    if row.state in ("recalled", "erased"):
        return ""
    where = f"received_item/{row.disclosure_id}/{row.item}"
    return node.vault.open(session, where, row.value_sealed).decode()


def _check_signed(session: Session, node: Node, sender: str, message: delivery_pb2.Answer) -> None:
    digest = flow.approval_digest(
        request=message.request,
        disclosure=message.disclosure,
        addressee=node.team,
        route=_ROUTE_WORDS.get(message.route, "none"),
        content_digest=message.content_digest,
        refused=message.refused,
    )
    if not message.approvals:
        raise Forbidden("no officer of the provider approved this answer", field="approvals")
    own = 0
    for approval in message.approvals:
        team = (
            sender
            if approval.role != "R-ORIG"
            else envelope_pb2.Header.FromString(approval.certificate.header).sender
        )
        check_approval(
            approval,
            digest,
            roster=node.roster(session),
            team=team,
            required_role=approval.role,
            now=node.now(),
        )
        own += team == sender
    if not own:
        raise Forbidden("no officer of the provider approved this answer", field="approvals")


def _content(node: Node, sender: str, message: delivery_pb2.Answer) -> delivery_pb2.DisclosureContent:
    if message.route != delivery_pb2.ANSWER_ROUTE_COMITY:
        return delivery_pb2.DisclosureContent()
    info = content_info(sender, node.team, message.request, message.disclosure)
    content = open_box(node.keys.sealing, message.sealed, info)
    if hashlib.sha256(content).digest() != message.content_digest:
        raise Corrupt("the content is not what the officers approved", field="sealed")
    parsed = delivery_pb2.DisclosureContent.FromString(content)
    if parsed.request != message.request or parsed.disclosure != message.disclosure:
        raise Malformed("the content belongs to another request", field="sealed")
    return parsed


def _keep(
    session: Session,
    node: Node,
    row: InformationRequestRow,
    message: delivery_pb2.Answer,
    item: delivery_pb2.DisclosedItem,
) -> None:
    disclosure = message.disclosure.hex()
    where = f"received_item/{disclosure}/{item.item}"
    session.merge(
        ReceivedItem(
            disclosure_id=disclosure,
            item=item.item,
            request_id=row.id,
            provider=row.peer,
            category=item.category,
            label=item.label,
            value_sealed=node.vault.seal(session, where, item.value.encode()),
            conditions=_conditions(item.conditions),
            article=item.article,
            received_at=node.now(),
        )
    )


def _conditions(sent: delivery_pb2.Conditions) -> dict[str, Any]:
    return {
        "purpose": sent.purpose,
        "origin": sent.origin,
        "handling": sent.handling,
        "handling_note": sent.handling_note,
        "evaluation": sent.evaluation,
        "assessment": sent.assessment,
        "evidence_use": sent.evidence_use,
        "onward": sent.onward,
        "retention_until": datetime.fromtimestamp(sent.retention_until_ms / 1000, UTC).date().isoformat(),
    }
