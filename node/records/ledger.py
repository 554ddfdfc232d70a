"""The node's Merkle log, its checkpoints, and the logs of others that this node witnesses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from node.records.base import Record


class LogLeaf(Record, table=True):
    """One record of LED Article 25, as canonical JSON without personal data."""

    __tablename__ = "log_leaf"
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    record: bytes = Field(sa_type=LargeBinary)
    leaf_hash: bytes = Field(sa_type=LargeBinary)
    # What the row is about, for looking it up: a disclosure, a hit, a batch.
    subject: str = Field(default="", index=True)
    # Salts of the commitments in the record; erasing them makes the commitments unopenable.
    salts_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


class LogCheckpoint(Record, table=True):
    """A signed note over the tree at `size`, with the cosignatures gathered so far."""

    __tablename__ = "log_checkpoint"
    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    cosigned_by: str = ""
    signed_at: datetime


class WitnessedLog(Record, table=True):
    """The last checkpoint of another log that this node cosigned. It never goes back."""

    __tablename__ = "witnessed_log"
    origin: str = Field(primary_key=True)
    size: int
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    seen_at: datetime
    # The contradicting note, when the log forked: evidence, never overwritten.
    fork: str = ""
