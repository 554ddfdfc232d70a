"""Requests, decisions, disclosures and what was received: the road from a hit to a lawful answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from node.records.base import Record, one_of


class InformationRequestRow(Record, table=True):
    """A request, ours (`out`) or a peer's (`in`). The body is the serialised InformationRequest, sealed."""

    __tablename__ = "information_request"
    __table_args__ = (
        one_of("direction", ("in", "out")),
        one_of("state", ("open", "clarify", "answered", "refused", "withdrawn")),
    )
    id: str = Field(primary_key=True)
    direction: str
    peer: str = Field(index=True)
    hit_id: str = Field(index=True)
    state: str = "open"
    at: datetime
    due_at: datetime | None = None
    deadline: str = ""
    officer: str = ""
    body_sealed: bytes = Field(sa_type=LargeBinary)
    # The clock of the answer (policy.deadlines): its period, its zone, and when it stood still, and why.
    clock: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    # State of a judicial authorisation for the whole request, when one is asked for here.
    judicial: str = ""
    escalated: str = ""
    # What the answer said: route, refused items with ground and way out.
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class DecisionRow(Record, table=True):
    """A stored decision, complete enough to be replayed: rules with versions, facts, outcome."""

    __tablename__ = "decision"
    id: str = Field(primary_key=True)
    request_id: str = Field(index=True)
    at: datetime
    route: str
    outcome: str
    law: str
    body_sealed: bytes = Field(sa_type=LargeBinary)


class Disclosure(Record, table=True):
    """Exactly what would leave, to whom, under which decision; then what became of it."""

    __tablename__ = "disclosure"
    __table_args__ = (
        one_of("state", ("proposed", "scheduled", "released", "taken-back", "refused", "stopped")),
        one_of("route", ("comity", "siena", "none")),
    )
    id: str = Field(primary_key=True)
    request_id: str = Field(foreign_key="information_request.id", index=True)
    decision_id: str = Field(foreign_key="decision.id")
    peer: str
    state: str = "proposed"
    route: str
    content_sealed: bytes = Field(sa_type=LargeBinary)
    content_digest: str
    approval_digest: str
    proposer: str
    proposed_at: datetime
    roles_needed: list[str] = Field(default_factory=list, sa_type=JSON)
    approvals: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    refused: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    release_at: datetime | None = None
    released_at: datetime | None = None
    siena_reference: str = ""
    siena_receipt: str = ""
    receipt: bytes | None = Field(default=None, sa_type=LargeBinary)
    receipt_at: datetime | None = None


class ReceivedItem(Record, table=True):
    """An item that a peer disclosed to us, with the conditions that stick to it."""

    __tablename__ = "received_item"
    __table_args__ = (one_of("state", ("live", "corrected", "recalled", "erased")),)
    disclosure_id: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    request_id: str = Field(index=True)
    provider: str
    category: str
    label: str
    value_sealed: bytes = Field(sa_type=LargeBinary)
    conditions: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    article: str = ""
    state: str = "live"
    received_at: datetime


class RecallRow(Record, table=True):
    """A recall sent or received, and when the holder confirmed it."""

    __tablename__ = "recall"
    __table_args__ = (one_of("direction", ("in", "out")),)
    id: str = Field(primary_key=True)
    direction: str
    peer: str
    reason: str
    disclosures: list[str] = Field(default_factory=list, sa_type=JSON)
    items: list[str] = Field(default_factory=list, sa_type=JSON)
    at: datetime
    confirmed_at: datetime | None = None


class LeadRow(Record, table=True):
    """A lead that a submit-only member sealed to this node, or one that this node submitted."""

    __tablename__ = "lead"
    __table_args__ = (one_of("direction", ("in", "out")),)
    id: str = Field(primary_key=True)
    direction: str
    peer: str
    at: datetime
    body_sealed: bytes = Field(sa_type=LargeBinary)
    receipt_at: datetime | None = None
