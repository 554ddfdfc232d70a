"""Hits: both sides know that they hold the same selector, nothing more."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from node.records.base import Record, one_of


class Hit(Record, table=True):
    """One selector held by this node and one peer. The id is equal on both sides."""

    __tablename__ = "hit"
    __table_args__ = (one_of("state", ("open", "confirmed", "false", "withdrawn")),)
    id: str = Field(primary_key=True)
    peer: str = Field(index=True)
    kind: str
    epoch: int
    crime_area: str = ""
    state: str = "open"
    found_at: datetime
    # When a person or the other side last judged it: an older statement that arrives later changes nothing.
    judged_at: datetime | None = None
    # How this side came to know it: own match, the peer's notice, or both.
    matched: bool = False
    noticed: bool = False
    notice_digest: str = ""


class HitRecord(Record, table=True):
    """Ties a hit to each own record of the selector; exactly once for each."""

    __tablename__ = "hit_record"
    hit_id: str = Field(primary_key=True, foreign_key="hit.id")
    record_id: str = Field(primary_key=True, foreign_key="selector_record.id", index=True)
    found_at: datetime
