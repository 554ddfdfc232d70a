"""Small facts about the node itself, and the alarms it raised."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from node.records.base import Record, one_of


class Meta(Record, table=True):
    """One named value, e.g. the mailbox cursor. Trusted for nothing secret."""

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class Alarm(Record, table=True):
    """Something a person must look at; closed by a person."""

    __tablename__ = "alarm"
    __table_args__ = (one_of("level", ("notice", "warning", "critical")),)
    id: int | None = Field(default=None, primary_key=True)
    raised_at: datetime
    level: str
    code: str = Field(index=True)
    text: str
    closed_at: datetime | None = None
