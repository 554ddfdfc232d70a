"""Pseudonyms: own tokens to match with, tokens published, and the feeds of peers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from node.records.base import Record


class OwnToken(Record, table=True):
    """What `peer` would publish for an own selector, and the hit's name if it does."""

    __tablename__ = "own_token"
    __table_args__ = (
        Index("ix_own_token_peer_token", "peer", "token"),
        Index("ix_own_token_peer_hit", "peer", "hit"),
    )
    selector_id: int = Field(primary_key=True, foreign_key="selector.id")
    peer: str = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    token: bytes = Field(sa_type=LargeBinary)
    hit: bytes = Field(sa_type=LargeBinary)


class PublishedToken(Record, table=True):
    """A token that stands in the feed to `audience` now."""

    __tablename__ = "published_token"
    audience: str = Field(primary_key=True)
    selector_id: int = Field(primary_key=True, foreign_key="selector.id")
    epoch: int = Field(primary_key=True)
    token: bytes = Field(sa_type=LargeBinary)
    token_class: str
    sequence: int


class FeedEntryRow(Record, table=True):
    """One link of an own feed. The body may vanish; the signed link stays."""

    __tablename__ = "feed_entry"
    audience: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)
    envelope: bytes = Field(sa_type=LargeBinary)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    snapshot: bool = False
    complete: bool = True
    created_at: datetime


class PeerFeed(Record, table=True):
    """How far this node has read a peer's feed, and how fresh its head is."""

    __tablename__ = "peer_feed"
    publisher: str = Field(primary_key=True)
    cursor: int = 0
    digest: bytes = Field(default=b"", sa_type=LargeBinary)
    head_signed_at: datetime | None = None
    pulled_at: datetime | None = None
    last_error: str = ""
    # While a snapshot of several entries is being read: its first sequence.
    snapshot_from: int = 0


class PeerToken(Record, table=True):
    """A live token of a peer's feed."""

    __tablename__ = "peer_token"
    publisher: str = Field(primary_key=True)
    token: bytes = Field(primary_key=True, sa_type=LargeBinary)
    epoch: int
    sequence: int
    kind: str
    expiry_month: str
    crime_area: str
    handling: str
