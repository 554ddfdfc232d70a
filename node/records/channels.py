"""Joint-investigation channels: signed, encrypted events and the keys of their epochs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field

from node.records.base import Record, one_of


class Channel(Record, table=True):
    """A channel that this team is, or was, a member of."""

    __tablename__ = "channel"
    __table_args__ = (one_of("state", ("pre-jit", "left", "closed")),)
    id: str = Field(primary_key=True)
    state: str = "pre-jit"
    members: list[str] = Field(default_factory=list, sa_type=JSON)
    hits: list[str] = Field(default_factory=list, sa_type=JSON)
    opened_by: str
    opened_at: datetime
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class ChannelEventRow(Record, table=True):
    """One event, as the envelope it came in. Order of arrival means nothing."""

    __tablename__ = "channel_event"
    __table_args__ = (
        UniqueConstraint("channel", "digest"),
        one_of("state", ("accepted", "held", "refused", "equivocation")),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(index=True)
    author: str
    sequence: int
    digest: str
    envelope: bytes = Field(sa_type=LargeBinary)
    cosigners: list[str] = Field(default_factory=list, sa_type=JSON)
    received_at: datetime
    state: str = "accepted"


class ChannelKey(Record, table=True):
    """The content key that one membership change made, sealed. Two changes may share an epoch number."""

    __tablename__ = "channel_key"
    channel: str = Field(primary_key=True)
    change: str = Field(primary_key=True)
    epoch: int
    key_sealed: bytes = Field(sa_type=LargeBinary)
