"""Mail in the database: each function is one step inside a caller's transaction."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from broker.store.tables import Accepted, Mail, Mailbox


class Load(NamedTuple):
    """How many mails, and how many bytes of ciphertext."""

    mails: int
    bytes: int


class BoxState(NamedTuple):
    """What waits for one addressee."""

    recipient: str
    mails: int
    bytes: int
    oldest_ms: int


def was_accepted(session: Session, sender: str, mail: bytes) -> bool:
    """Whether this mail was accepted before, erased since or not."""
    return session.get(Accepted, (sender, mail)) is not None


def load_of_sender(session: Session, sender: str) -> Load:
    """All that waits from one sender."""
    return _load(session, col(Mail.sender) == sender)


def load_of_recipient(session: Session, recipient: str) -> Load:
    """All that waits for one addressee."""
    return _load(session, col(Mail.recipient) == recipient)


def append(session: Session, *, recipient: str, sender: str, mail: bytes, sealed: bytes, at_ms: int) -> int:
    """Stores one mail under the addressee's next sequence, which it returns."""
    box = session.get(Mailbox, recipient) or Mailbox(recipient=recipient, last_sequence=0)
    box.last_sequence += 1
    session.add(box)
    session.add(
        Mail(
            recipient=recipient,
            sequence=box.last_sequence,
            sender=sender,
            mail=mail,
            sealed=sealed,
            size=len(sealed),
            received_at_ms=at_ms,
        )
    )
    session.add(Accepted(sender=sender, mail=mail, received_at_ms=at_ms))
    return box.last_sequence


def page(session: Session, recipient: str, *, after: int, since_ms: int, most: int) -> list[Mail]:
    """The addressee's next mails in order, at most `most`, none received before `since_ms`."""
    query = (
        select(Mail)
        .where(col(Mail.recipient) == recipient, col(Mail.sequence) > after)
        .where(col(Mail.received_at_ms) >= since_ms)
        .order_by(col(Mail.sequence))
        .limit(most)
    )
    return list(session.scalars(query))


def last_sequence(session: Session, recipient: str) -> int:
    """The highest sequence that this addressee's mailbox has given out; 0 for none."""
    box = session.get(Mailbox, recipient)
    return box.last_sequence if box else 0


def erase_through(session: Session, recipient: str, through: int) -> int:
    """Erases the addressee's mail up to a sequence, inclusive; how many there were."""
    rows = delete(Mail).where(col(Mail.recipient) == recipient, col(Mail.sequence) <= through)
    return int(session.connection().execute(rows).rowcount)


def erase_before(session: Session, at_ms: int) -> int:
    """Erases everything received before an instant, and the memory of it; how many mails there were."""
    session.connection().execute(delete(Accepted).where(col(Accepted.received_at_ms) < at_ms))
    return int(session.connection().execute(delete(Mail).where(col(Mail.received_at_ms) < at_ms)).rowcount)


def boxes(session: Session) -> list[BoxState]:
    """What waits, by addressee."""
    rows = session.connection().execute(
        select(
            col(Mail.recipient), func.count(), func.sum(col(Mail.size)), func.min(col(Mail.received_at_ms))
        )
        .group_by(col(Mail.recipient))
        .order_by(col(Mail.recipient))
    )
    return [BoxState(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]


def _load(session: Session, condition: object) -> Load:
    query = select(func.count(), func.coalesce(func.sum(col(Mail.size)), 0)).where(condition)  # type: ignore[arg-type]
    row = session.connection().execute(query).one()
    return Load(int(row[0]), int(row[1]))
