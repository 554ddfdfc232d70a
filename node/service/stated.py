"""What a request states, as stored and as the policy is told."""

from __future__ import annotations

from datetime import datetime

from google.protobuf.message import Message
from sqlmodel import Session

from comity.errors import NotFound
from comity.v1 import delivery_pb2
from node.records import InformationRequestRow
from node.service.context import Node
from policy import Request


def get_request(session: Session, name: str, direction: str | None = None) -> InformationRequestRow:
    """The stored request; NotFound names the way to the list."""
    row = session.get(InformationRequestRow, name)
    if row is None or (direction is not None and row.direction != direction):
        raise NotFound("there is no such request", field="request", remedy="comity-node requests list")
    return row


def body_of(session: Session, node: Node, row: InformationRequestRow) -> delivery_pb2.InformationRequest:
    """The request's message, opened."""
    body = node.vault.open(session, f"information_request/{row.id}/body", row.body_sealed)
    return delivery_pb2.InformationRequest.FromString(body)


def request_facts(message: delivery_pb2.InformationRequest, received_at: datetime | None) -> Request:
    """The policy's view of a request: texts that matter by their presence are passed as they are."""
    return Request(
        instrument=message.instrument,
        purpose=message.purpose or None,
        legal_basis=message.legal_basis or None,
        case_reference=message.case_reference or None,
        facts=message.facts or None,
        link=message.link or None,
        available_because=f"hit {message.hit.hex()}" if message.hit else None,
        urgency_ground=message.urgency_ground,
        urgency_reasons=message.urgency_reasons or None,
        access=message.access or None,
        use=message.use or None,
        via_spoc=message.via_spoc,
        copy_exception="",
        channel="comity",
        exception_channel=message.exception_channel,
        judicial_authorisation=None,
        received_at=received_at,
        language=message.language or None,
    )


def seal_body(session: Session, node: Node, name: str, message: Message) -> bytes:
    """The request's message, sealed for its row."""
    return node.vault.seal(session, f"information_request/{name}/body", message.SerializeToString())
