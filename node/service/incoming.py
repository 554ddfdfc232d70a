"""Statements that arrive: verified, then handed to their use case, exactly once.

Recipe: 1. the signature over the bytes, the sender in the roster, the addressee, the time
(`comity.envelope.open_envelope`); 2. the sender's class may say such a thing at all (submit-only
members send leads and receipts, nothing else); 3. limits of the payload; 4. a statement accepted before
is answered as a duplicate; 5. the use case and the inbox row in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message
from sqlmodel import Session

from comity import envelope as envelopes
from comity.errors import Forbidden, Malformed
from comity.transport.limits import check as check_limits
from comity.v1 import envelope_pb2
from node.records import Inbox
from node.service.context import Node
from node.service.outgoing import retry_now

Handler = Callable[[Session, Node, str, Message, envelope_pb2.Envelope], None]

_HANDLERS: dict[type[Message], Handler] = {}
_SUBMIT_ONLY_MAY_SEND = {"Lead", "LeadReceipt"}


def handles(kind: type[Message]) -> Callable[[Handler], Handler]:
    """Registers the use case for one kind of statement."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def accept(node: Node, statement: envelope_pb2.Envelope, *, caller: str | None = None) -> tuple[bytes, bool]:
    """Accepts one statement; returns its digest and whether it had been accepted before.

    `caller` is the team that the connection was authenticated as; it must be the signer. None when
    the statement came out of a sealed mail. Raises the ComityError that the sender should read.
    """
    with node.store.read() as session:
        opened = open_statement(session, node, statement)
        submit_only = node.roster(session).team(opened.signer_team).submit_only
    if caller is not None and caller != opened.signer_team:
        raise Forbidden("a team delivers its own statements only", field="sender")
    if submit_only and type(opened.message).__name__ not in _SUBMIT_ONLY_MAY_SEND:
        raise Forbidden(
            "a submit-only member sends leads and nothing else",
            field="sender",
            remedy="see NGO-NOHIT in docs/law.md",
        )
    check_limits(opened.message)
    handler = _HANDLERS.get(type(opened.message))
    if handler is None:
        raise Malformed("this node takes no such statement", field="payload_type")
    with node.store.write() as session:
        digest = opened.digest.hex()
        if session.get(Inbox, digest) is not None:
            return opened.digest, True
        handler(session, node, opened.signer_team, opened.message, statement)
        session.add(
            Inbox(
                digest=digest,
                sender=opened.signer_team,
                what=type(opened.message).__name__,
                received_at=node.now(),
                keep_until=node.now() + timedelta(days=29),
            )
        )
        retry_now(session, opened.signer_team)
    return opened.digest, False


def open_statement(
    session: Session, node: Node, statement: envelope_pb2.Envelope, expected: Any = None
) -> envelopes.Opened[Any]:
    """Verifies a statement of a member that is addressed to this team."""
    return envelopes.open_envelope(
        statement,
        keys=node.roster(session).by_signing_key,
        federation=node.settings.federation,
        me=node.team,
        now=node.now(),
        expected=expected,
    )
