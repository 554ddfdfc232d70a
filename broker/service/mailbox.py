"""Mail in, mail out, mail gone.

The rules:

* A mail is accepted once, by (sender, id); putting it again says so and changes nothing, even after its
  erasure. A waiting mail's id with another content or addressee is refused.
* Only members of the roster have a mailbox, and each reads its own alone.
* A quota for each sender and a larger one for each addressee: no single sender can fill a mailbox.
* Sequences of one addressee rise by one and are never used again, so a cursor survives restarts.
* What is acknowledged, or older than `keep`, is erased.

Left to others: who the caller is (transport), what is inside (nobody here can tell).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from sqlmodel import Session, col, select

from broker.service.bell import Bell
from broker.store import mail as mails
from broker.store.database import Database
from broker.store.mail import BoxState, Load
from broker.store.tables import Mail
from comity.envelope import milliseconds
from comity.errors import Conflict, Exhausted, NotFound

PAGE: Final = 16  # mails read at once: at most 40 MiB


@dataclass(frozen=True)
class Quotas:
    """What may wait at once."""

    sender_mails: int = 5_000
    sender_bytes: int = 256 * 1_048_576
    recipient_mails: int = 20_000
    recipient_bytes: int = 1_024 * 1_048_576


class Mailboxes:
    """All mailboxes of one broker."""

    def __init__(
        self,
        database: Database,
        *,
        quotas: Quotas,
        is_member: Callable[[str], bool],
        clock: Callable[[], datetime],
        keep: timedelta = timedelta(days=28),
    ) -> None:
        self._database, self._quotas, self._is_member = database, quotas, is_member
        self._clock, self._keep = clock, keep
        self.bell = Bell()

    def put(self, *, sender: str, recipient: str, mail: bytes, sealed: bytes) -> bool:
        """Accepts a mail; True when it had been accepted before.

        Raises:
            NotFound: the addressee is not in the roster.
            Conflict: the id is that of another waiting mail of this sender.
            Exhausted: a quota or the disk is full; nothing was stored.
        """
        if not self._is_member(recipient):
            raise NotFound("The addressee is not in the roster.", code="unknown-team", field="recipient")
        at_ms = milliseconds(self._clock())
        with self._database.write() as session:
            if mails.was_accepted(session, sender, mail):
                _check_same(session, sender, recipient, mail, sealed)
                return True
            self._check_quotas(session, sender, recipient, len(sealed))
            mails.append(session, recipient=recipient, sender=sender, mail=mail, sealed=sealed, at_ms=at_ms)
        self.bell.ring(recipient)
        return False

    def follow(
        self, recipient: str, *, after: int, seconds: float, gone: Callable[[], bool] = lambda: False
    ) -> Iterator[Mail]:
        """The addressee's mail after a cursor, in order; then, for `seconds` at most, what comes in.

        Ends early when `gone` says so after a ring, when a later reader of the same mailbox comes, or when
        the broker stops.

        Raises:
            Conflict: the cursor is ahead of the mailbox, which has been set back.
        """
        until = monotonic() + seconds
        ticket = self.bell.enter(recipient)
        self._check_cursor(recipient, after)
        while self.bell.reads(recipient, ticket) and not gone():
            heard = self.bell.heard(recipient)
            waiting = self._page(recipient, after)
            for mail in waiting:
                yield mail
                after = mail.sequence
            left = until - monotonic()
            if not waiting and left <= 0:
                return
            if not waiting:
                self.bell.wait(recipient, ticket, heard, left)

    def acknowledge(self, recipient: str, through: int) -> int:
        """Erases the addressee's mail up to a sequence; how many there were."""
        with self._database.write() as session:
            return mails.erase_through(session, recipient, through)

    def sweep(self) -> int:
        """Erases what is older than `keep`; how many mails there were."""
        with self._database.write() as session:
            return mails.erase_before(session, self._since_ms())

    def state(self) -> list[BoxState]:
        """What waits, by addressee."""
        with self._database.read() as session:
            return mails.boxes(session)

    def _page(self, recipient: str, after: int) -> list[Mail]:
        with self._database.read() as session:
            return mails.page(session, recipient, after=after, since_ms=self._since_ms(), most=PAGE)

    def _since_ms(self) -> int:
        return max(0, milliseconds(self._clock() - self._keep))

    def _check_cursor(self, recipient: str, after: int) -> None:
        with self._database.read() as session:
            last = mails.last_sequence(session, recipient)
        if after > last:
            raise Conflict(
                "The cursor is ahead of the mailbox.",
                code="cursor-ahead",
                field="after",
                remedy="The broker was restored from a backup; fetch again from 0.",
            )

    def _check_quotas(self, session: Session, sender: str, recipient: str, size: int) -> None:
        quotas = self._quotas
        sent = mails.load_of_sender(session, sender)
        if _exceeds(sent, size, quotas.sender_mails, quotas.sender_bytes):
            raise Exhausted(
                "Too much mail of this sender waits to be fetched.",
                code="sender-quota",
                remedy="Wait until the addressees have fetched theirs.",
            )
        waiting = mails.load_of_recipient(session, recipient)
        if _exceeds(waiting, size, quotas.recipient_mails, quotas.recipient_bytes):
            raise Exhausted(
                "The addressee's mailbox is full.",
                code="recipient-quota",
                field="recipient",
                remedy="Wait until it has fetched its mail.",
            )


def _exceeds(load: Load, size: int, mails_allowed: int, bytes_allowed: int) -> bool:
    return load.mails + 1 > mails_allowed or load.bytes + size > bytes_allowed


def _check_same(session: Session, sender: str, recipient: str, mail: bytes, sealed: bytes) -> None:
    """A repeated Put repeats the mail; once erased, nothing is left to compare with."""
    query = select(Mail).where(col(Mail.sender) == sender, col(Mail.mail) == mail)
    waiting = session.exec(query).one_or_none()
    if waiting is not None and (waiting.recipient, waiting.sealed) != (recipient, sealed):
        raise Conflict(
            "Another mail with this id waits.",
            code="mail-id-reused",
            field="mail",
            remedy="Draw 16 new random bytes for each mail.",
        )
