"""Duties that a decision leaves behind, and consents of states of origin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field

from node.records.base import Record, one_of


class Duty(Record, table=True):
    """Something that the law attaches to an act: done by the node itself, or left to an officer."""

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("subject", "kind"),
        one_of("carrier", ("node", "officer")),
        one_of("state", ("open", "done")),
    )
    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(index=True)
    kind: str
    text: str
    cites: str
    carrier: str
    state: str = "open"
    how: str = ""
    done_by: str = ""
    created_at: datetime
    done_at: datetime | None = None


class Consent(Record, table=True):
    """A consent of a state of origin, asked (`out`) or asked of us (`in`); the signed answer is evidence."""

    __tablename__ = "consent"
    __table_args__ = (
        one_of("direction", ("in", "out")),
        one_of("state", ("open", "granted", "refused")),
    )
    id: str = Field(primary_key=True)
    direction: str
    peer: str = Field(index=True)
    state: str = "open"
    use: str
    recipient: str
    category: str
    item: str
    disclosure: str = ""
    reason_sealed: bytes = Field(sa_type=LargeBinary)
    conditions: str = ""
    until: datetime | None = None
    officer: str = ""
    asked_at: datetime
    answered_at: datetime | None = None
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
