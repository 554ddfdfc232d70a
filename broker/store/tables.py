"""The broker's tables. Every column is listed in docs/protocol/broker.md; a test compares the two.

Of a mail there are sender, addressee, size, time, the sender's random id and the ciphertext, nothing
else: no table has a place for a selector, a pseudonym or a decision. Times are milliseconds since the
epoch. The roster and the checkpoints are public among the members.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """All broker tables, and only they."""

    metadata = MetaData(naming_convention=NAMES)


class Mailbox(Base, table=True):
    """The counter of one addressee: sequences rise by one and are never used again."""

    __tablename__ = "mailbox"
    recipient: str = Field(primary_key=True, max_length=32)
    last_sequence: int = Field(sa_column=Column(BigInteger, nullable=False))


class Mail(Base, table=True):
    """One sealed mail that waits for its addressee."""

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_mail_sender_mail", "sender", "mail", unique=True),
        Index("ix_mail_sender_size", "sender", "size"),
        Index("ix_mail_recipient_size", "recipient", "size"),
        Index("ix_mail_received_at_ms", "received_at_ms"),
    )
    recipient: str = Field(primary_key=True, max_length=32)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    sender: str = Field(max_length=32)
    mail: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    received_at_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class Accepted(Base, table=True):
    """A mail that was accepted, remembered after its erasure so that a repeated Put stays harmless."""

    __tablename__ = "accepted"
    __table_args__ = (Index("ix_accepted_received_at_ms", "received_at_ms"),)
    sender: str = Field(primary_key=True, max_length=32)
    mail: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    received_at_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class RosterVersion(Base, table=True):
    """One version of the roster as it was signed; together they are the chain from the pinned one."""

    __tablename__ = "roster_version"
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    fingerprint: str = Field(max_length=71)
    envelope: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WitnessedLog(Base, table=True):
    """The newest checkpoint of one log that this broker cosigned."""

    __tablename__ = "witnessed_log"
    origin: str = Field(primary_key=True, max_length=128)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Evidence(Base, table=True):
    """Two signed notes of one log that contradict each other."""

    __tablename__ = "evidence"
    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    origin: str = Field(max_length=128, index=True)
    code: str = Field(max_length=32)
    earlier: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    later: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seen_at_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
