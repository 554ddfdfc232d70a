"""Cases, selectors, their records and data items: what the team itself holds.

A `Selector` is one normal form; a `SelectorRecord` binds it to one case with the facts that the law
asks for; a `DataItemRow` is something known about it that a request may ask for. Normal forms, names
and values are sealed under the case's data key, so that erasing the key erases them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field

from node.records.base import Record, one_of


class CaseRow(Record, table=True):
    """A national case. `digest` is an HMAC of its reference under a key of this node."""

    __tablename__ = "case"
    id: str = Field(primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    reference_sealed: bytes = Field(sa_type=LargeBinary)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime


class ImportRow(Record, table=True):
    """One file that was read, by its SHA-256; the name is kept, the content is not."""

    __tablename__ = "import"
    digest: str = Field(primary_key=True)
    name: str
    read_at: datetime
    lines: int
    kept: int
    problems: int
    summary: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Selector(Record, table=True):
    """One normal form of one kind. `digest` is an HMAC under a key of this node, for look-ups only."""

    __tablename__ = "selector"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    normal_sealed: bytes = Field(sa_type=LargeBinary)
    # The OPRF output and the unblinded element never leave the node.
    epoch: int = Field(default=0, index=True)
    output_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    element_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


class SelectorRecord(Record, table=True):
    """A selector in a case, with the facts that the policy needs (no names, no values)."""

    __tablename__ = "selector_record"
    __table_args__ = (
        one_of("state", ("live", "withdrawn", "expired", "erased")),
        UniqueConstraint("identity"),
    )
    id: str = Field(primary_key=True)
    selector_id: int = Field(foreign_key="selector.id", index=True)
    case_id: str | None = Field(default=None, foreign_key="case.id", index=True)
    # HMACs under a key of this node: equal for the same selector of the same case; for the same facts.
    identity: bytes = Field(sa_type=LargeBinary)
    fingerprint: bytes = Field(sa_type=LargeBinary)
    display_sealed: bytes = Field(sa_type=LargeBinary)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    # Groups records whose facts are identical, so that the gate decides once for each group.
    fact_class: str = Field(index=True)
    state: str = "live"
    created_at: datetime
    expires_on: str | None = Field(default=None, index=True)
    source: str = Field(default="", description="import digest and line")


class DataItemRow(Record, table=True):
    """Something the team knows about a selector, asked for by category (Europol Annex II.B)."""

    __tablename__ = "data_item"
    __table_args__ = (one_of("state", ("live", "corrected", "erased")),)
    id: str = Field(primary_key=True)
    record_id: str = Field(foreign_key="selector_record.id", index=True)
    category: str
    label: str
    value_sealed: bytes = Field(sa_type=LargeBinary)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str = "live"


class GateRow(Record, table=True):
    """What the gate decided for one class of identical facts, one action and one audience."""

    __tablename__ = "gate"
    __table_args__ = (UniqueConstraint("fact_class", "action", "audience", "decided_on"),)
    id: int | None = Field(default=None, primary_key=True)
    fact_class: str = Field(index=True)
    action: str
    audience: str
    decided_on: str
    outcome: str
    citation: str
    reason: str
    way_out: str
    decision: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
