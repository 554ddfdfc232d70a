"""Statements that leave: signed and queued with the act that causes them, drained afterwards.

A row of the outbox is written in the transaction of its cause. `drain` carries it over the wire as
often as it takes; the receiver's digest of accepted statements makes repetition harmless.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile

from google.protobuf.message import Message
from sqlmodel import Session, col, or_, select

from comity import envelope as envelopes
from comity.errors import (
    ComityError,
    Conflict,
    Corrupt,
    Exhausted,
    Expired,
    Forbidden,
    Malformed,
    NotFound,
    Unavailable,
)
from comity.seal import seal
from comity.v1 import envelope_pb2
from node.records import Outbox
from node.service.context import Node, raise_alarm, wake_after

MAIL_INFO = b"comity mail v1"
_FIRST_WAIT = timedelta(seconds=0.25)
_LONGEST_WAIT = timedelta(minutes=5)
_FOR_GOOD = (Malformed, Forbidden, NotFound, Expired, Corrupt)  # what no repetition mends


def sign(
    node: Node, message: Message, recipients: Iterable[str], lifetime: timedelta
) -> envelope_pb2.Envelope:
    """A statement of this team, signed with the node's key."""
    return envelopes.sign(
        message,
        signer=node.keys.signer,
        federation=node.settings.federation,
        sender=node.team,
        recipients=list(recipients),
        issued_at=node.now(),
        lifetime=lifetime,
        chance=node.chance,
    )


def send(session: Session, node: Node, message: Message, recipient: str, *, route: str = "direct") -> str:
    """Queues a statement for one team; returns its digest in hex."""
    statement = sign(node, message, [recipient], timedelta(days=node.settings.mail_days))
    return queue(session, node, statement, recipient, what=type(message).__name__, route=route)


def queue(
    session: Session,
    node: Node,
    statement: envelope_pb2.Envelope,
    recipient: str,
    *,
    what: str,
    route: str = "direct",
) -> str:
    """Queues an envelope that is signed already."""
    digest = envelopes.digest(statement).hex()
    session.add(
        Outbox(
            recipient=recipient,
            route=route,
            what=what,
            digest=digest,
            envelope=node.vault.seal(session, _where(digest), statement.SerializeToString()),
            next_at=node.now(),
            created_at=node.now(),
        )
    )
    wake_after(session, node, "outbox")
    return digest


def _where(digest: str) -> str:
    return f"outbox/{digest}/envelope"


def _statement(node: Node, row: Outbox) -> bytes:
    with node.store.read() as session:
        return node.vault.open(session, _where(row.digest), row.envelope)


def drain(node: Node, *, limit: int = 200) -> int:
    """Tries every statement that is due, once, at most `limit` on each lane; returns how many went out.

    A lane is one recipient and one route. Order is kept on it: while a peer cannot be reached, what was
    queued first goes first. What a peer answered with a refusal waits apart and holds up nothing.
    """
    with node.store.read() as session:
        query = select(Outbox.recipient, Outbox.route).where(
            Outbox.state == "queued", Outbox.next_at <= node.now()
        )
        lanes = session.exec(query.distinct().order_by(col(Outbox.recipient), col(Outbox.route))).all()
        due = [row for lane in lanes for row in _due(session, node, *lane, limit)]
    sent = 0
    down: set[tuple[str, str]] = set()
    for row in due:
        lane = (row.recipient, row.route)
        if lane in down:
            continue
        sent += _try(node, row, down)
    return sent


def _due(session: Session, node: Node, recipient: str, route: str, limit: int) -> list[Outbox]:
    """What may be tried on one lane now, in order."""
    rows = session.exec(
        select(Outbox)
        .where(
            Outbox.state == "queued",
            Outbox.recipient == recipient,
            Outbox.route == route,
            or_(col(Outbox.next_at) <= node.now(), col(Outbox.refused).is_(False)),
        )
        .order_by(col(Outbox.id))
        .limit(limit)
    ).all()
    return list(takewhile(lambda row: row.next_at <= node.now(), rows))


def _try(node: Node, row: Outbox, down: set[tuple[str, str]]) -> bool:
    try:
        _carry(node, row)
    except (Unavailable, Exhausted) as error:
        down.add((row.recipient, row.route))
        _postpone(node, row, error)
        return False
    except ComityError as error:
        _drop_or_keep(node, row, error)
        return False
    _settle(node, row, "sent", "")
    return True


def _carry(node: Node, row: Outbox) -> None:
    statement = _statement(node, row)
    if row.route == "direct":
        node.peers.deliver(row.recipient, envelope_pb2.Envelope.FromString(statement))
        return
    with node.store.read() as session:
        card = node.roster(session).team(row.recipient)
    box = seal(card.sealing_key, statement, info=MAIL_INFO, chance=node.chance)
    try:
        node.mailbox.put(row.recipient, _mail_id(row), box)
    except Conflict as error:
        if error.code != "mail-id-reused":  # else it waits there, sealed in other bytes
            raise


def _mail_id(row: Outbox) -> bytes:
    """Names one statement on its way to one recipient: the same on each try, another for each recipient."""
    return hashlib.sha256(f"comity mail id\0{row.digest}\0{row.recipient}".encode()).digest()[:16]


def _postpone(node: Node, row: Outbox, error: ComityError, *, refused: bool = False) -> None:
    wait = min(_FIRST_WAIT * 2 ** min(row.attempts, 12), _LONGEST_WAIT)
    jitter = random.Random(f"{row.id}/{row.attempts}").uniform(0.75, 1.25)  # noqa: S311  spreads retries, no secret
    _settle(node, row, "queued", error.message, next_at=node.now() + wait * jitter, refused=refused)


def _drop_or_keep(node: Node, row: Outbox, error: ComityError) -> None:
    """The peer refused for good, or its roster is behind ours: try for as long as the statement is valid."""
    statement = envelope_pb2.Envelope.FromString(_statement(node, row))
    header = envelope_pb2.Header.FromString(statement.header)
    over = node.now().timestamp() * 1000 >= header.expires_at_ms
    early = error.code == "from-the-future"  # one of the two clocks is wrong: time mends it
    if not over and (early or not isinstance(error, _FOR_GOOD)):
        _postpone(node, row, error, refused=True)
        return
    _settle(node, row, "dropped", error.message)
    with node.store.write() as session:
        text = f"a statement ({row.what}) to {row.recipient} was not delivered: {error.message}"
        raise_alarm(session, node, "warning", "statement-dropped", text)


def _settle(
    node: Node,
    row: Outbox,
    state: str,
    error: str,
    next_at: datetime | None = None,
    *,
    refused: bool = False,
) -> None:
    with node.store.write() as session:
        stored = session.get(Outbox, row.id)
        if stored is None:
            return
        stored.state, stored.last_error, stored.refused = state, error, refused
        stored.attempts += 1
        stored.next_at = next_at or stored.next_at
        if state == "sent":
            stored.envelope = b""  # what was delivered is not kept twice
        session.add(stored)


def retry_now(session: Session, recipient: str | None = None) -> int:
    """Makes everything queued due at once: a peer was seen alive, or an operator asked."""
    query = select(Outbox).where(Outbox.state == "queued")
    rows = session.exec(query if recipient is None else query.where(Outbox.recipient == recipient)).all()
    for row in rows:
        row.next_at = row.created_at
        session.add(row)
    return len(rows)
