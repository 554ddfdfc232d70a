"""Rosters, key sets, key shares, ceremonies, officers, data keys, and the meters of who asked what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary
from sqlmodel import Field

from node.records.base import Record, one_of


class RosterRow(Record, table=True):
    """A roster version that this node verified, as the signed envelope it came in."""

    __tablename__ = "roster"
    version: int = Field(primary_key=True)
    envelope: bytes = Field(sa_type=LargeBinary)
    trusted_at: datetime


class KeySetRow(Record, table=True):
    """The public side of an epoch's keys, signed by every holder."""

    __tablename__ = "key_set"
    epoch: int = Field(primary_key=True)
    envelope: bytes = Field(sa_type=LargeBinary)
    trusted_at: datetime


class KeyShare(Record, table=True):
    """This node's share of one key. Alone it computes nothing."""

    __tablename__ = "key_share"
    epoch: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    holder: int
    scalar_sealed: bytes = Field(sa_type=LargeBinary)


class CeremonyRow(Record, table=True):
    """A distributed key generation that this node takes part in."""

    __tablename__ = "ceremony"
    __table_args__ = (one_of("state", ("committed", "dealt", "confirmed", "done", "failed")),)
    id: str = Field(primary_key=True)
    state: str
    epoch: int
    proposal: bytes = Field(sa_type=LargeBinary)
    dealing_sealed: bytes = Field(sa_type=LargeBinary)
    started_at: datetime
    reason: str = ""


class CeremonyMessage(Record, table=True):
    """One holder's message of one round, as received."""

    __tablename__ = "ceremony_message"
    ceremony: str = Field(primary_key=True)
    round: str = Field(primary_key=True)
    holder: int = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class DataKey(Record, table=True):
    """A data key, wrapped under the node's key-encryption key. Erasing it erases what it sealed."""

    __tablename__ = "data_key"
    name: str = Field(primary_key=True)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime
    erased_at: datetime | None = None


class OfficerRow(Record, table=True):
    """An officer of this team, as certified by the team's root key."""

    __tablename__ = "officer"
    officer: str = Field(primary_key=True)
    certificate: bytes = Field(sa_type=LargeBinary)
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    enrolled_at: datetime
    revoked_at: datetime | None = None


class QuotaUse(Record, table=True):
    """How many selectors a team asked us for, by label and day."""

    __tablename__ = "quota_use"
    asker: str = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    used: int = 0


class AnsweredBatch(Record, table=True):
    """A batch that we evaluated for a peer: whom, how many, why; never what."""

    __tablename__ = "answered_batch"
    batch: str = Field(primary_key=True)
    asker: str = Field(index=True)
    epoch: int
    kind: str
    size: int
    subset: str
    request_digest: str
    opening_root: str
    claim: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    answered_at: datetime
    # The signed answer, so that asking again costs nothing and changes nothing.
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)
    audited: bool = False


class AskedBatch(Record, table=True):
    """A batch that we asked: what an auditor may have opened, sealed."""

    __tablename__ = "asked_batch"
    __table_args__ = (
        one_of("state", ("asked", "verified", "failed")),
        Index("ix_asked_batch_state", "state"),
    )
    batch: str = Field(primary_key=True)
    epoch: int
    kind: str
    size: int
    subset: str
    opening_root: str
    opening_sealed: bytes = Field(sa_type=LargeBinary)
    asked_at: datetime
    state: str = "asked"
