"""What waits to leave and what has arrived, each written in the transaction of its cause."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from node.records.base import Record, one_of


class Outbox(Record, table=True):
    """A signed statement on its way to one team. Delivered at least once; receivers are idempotent.

    The envelope is sealed while it waits, since requests hold what officers wrote.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("route", ("direct", "broker")),
        one_of("state", ("queued", "sent", "dropped")),
    )
    id: int | None = Field(default=None, primary_key=True)
    recipient: str = Field(index=True)
    route: str
    what: str
    digest: str = Field(index=True)
    envelope: bytes = Field(sa_type=LargeBinary)
    state: str = Field(default="queued", index=True)
    attempts: int = 0
    next_at: datetime
    created_at: datetime
    last_error: str = ""
    # The peer was reached and did not take it: it waits without holding up what was queued after it.
    refused: bool = False


class Inbox(Record, table=True):
    """A statement that was accepted: its digest makes a second arrival harmless."""

    __tablename__ = "inbox"
    digest: str = Field(primary_key=True)
    sender: str
    what: str
    received_at: datetime
    keep_until: datetime
