"""Statements that leave: signed and queued with the act that causes them, drained afterwards.

A row of the outbox is written in the transaction of its cause. `drain` carries it over the wire as
often as it takes; the receiver's digest of accepted statements makes repetition harmless.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from google.protobuf.message import Message
from sqlmodel import Session, col, select

from comity import envelope as envelopes
from comity.errors import ComityError, Exhausted, Unavailable
from comity.seal import seal
from comity.v1 import envelope_pb2
from node.records import Outbox
from node.service.context import Node

MAIL_INFO = b"comity mail v1"
_FIRST_WAIT = timedelta(seconds=0.25)
_LONGEST_WAIT = timedelta(minutes=5)


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
            envelope=statement.SerializeToString(),
            next_at=node.now(),
            created_at=node.now(),
        )
    )
    node.wake("outbox")
    return digest


def drain(node: Node, *, limit: int = 200) -> int:
    """Tries every statement that is due, once; returns how many went out."""
    with node.store.read() as session:
        query = (
            select(Outbox)
            .where(Outbox.state == "queued", Outbox.next_at <= node.now())
            .order_by(col(Outbox.id))
            .limit(limit)
        )
        due = session.exec(query).all()
    sent = 0
    down: set[tuple[str, str]] = set()
    for row in due:
        lane = (row.recipient, row.route)
        if lane in down:
            continue
        sent += _try(node, row, down)
    return sent


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
    statement = envelope_pb2.Envelope.FromString(row.envelope)
    if row.route == "direct":
        node.peers.deliver(row.recipient, statement)
        return
    with node.store.read() as session:
        card = node.roster(session).team(row.recipient)
    box = seal(card.sealing_key, row.envelope, info=MAIL_INFO, chance=node.chance)
    node.mailbox.put(row.recipient, bytes.fromhex(row.digest)[:16], box)


def _postpone(node: Node, row: Outbox, error: ComityError) -> None:
    wait = min(_FIRST_WAIT * 2 ** min(row.attempts, 12), _LONGEST_WAIT)
    jitter = random.Random(f"{row.id}/{row.attempts}").uniform(0.75, 1.25)  # noqa: S311  spreads retries, no secret
    _settle(node, row, "queued", error.message, next_at=node.now() + wait * jitter)


def _drop_or_keep(node: Node, row: Outbox, error: ComityError) -> None:
    """The peer refused for good, or its roster is behind ours: try for as long as the statement is valid."""
    header = envelope_pb2.Header.FromString(envelope_pb2.Envelope.FromString(row.envelope).header)
    over = node.now().timestamp() * 1000 >= header.expires_at_ms
    if over or error.code in ("malformed", "forbidden", "expired"):
        _settle(node, row, "dropped", error.message)
    else:
        _postpone(node, row, error)


def _settle(node: Node, row: Outbox, state: str, error: str, next_at: datetime | None = None) -> None:
    with node.store.write() as session:
        stored = session.get(Outbox, row.id)
        if stored is None:
            return
        stored.state, stored.last_error = state, error
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
