"""Consent of the state of origin: asked, answered and recorded between nodes (role R-ORIG).

Directive (EU) 2023/977, Article 3(d); LED Articles 9(3) and 35(1)(c); handling codes H1 and H2. The
question describes the item by category and use, never by value; the one who is asked knows its own
disclosure by its own names. A consent is the signature of an officer of origin, and is kept.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from sqlmodel import Session, col, select

from comity.envelope import milliseconds
from comity.errors import Conflict, Forbidden, NotFound
from comity.officer import check_approval
from comity.v1 import delivery_pb2, envelope_pb2
from node.records import Consent, DataItemRow, ReceivedItem
from node.service import ledger, officers
from node.service.context import Node
from node.service.incoming import handles
from node.service.outgoing import send

USES = ("disclose", "onward", "evidence", "purpose", "transfer")
ROLE = "R-ORIG"
_FACT = {"onward": "onward", "evidence": "evidence_use"}


def request_message(
    session: Session, node: Node, consent: str, item: str, use: str, recipient: str, reason: str
) -> tuple[str, delivery_pb2.ConsentRequest]:
    """Whom to ask, and the question; for an own item of foreign origin, or for a received one."""
    own = session.get(DataItemRow, item)
    if own is not None:
        team = _team_of_state(session, node, str(own.facts.get("origin_state", "")))
        return team, _question(consent, use, recipient, own.category, reason)
    query = select(ReceivedItem).where(ReceivedItem.item == item)
    received = session.exec(query).first()
    if received is None:
        raise NotFound("there is no such item", field="item", remedy="comity-node items RECORD or received")
    message = _question(consent, use, recipient, received.category, reason)
    message.disclosure, message.item = bytes.fromhex(received.disclosure_id), item
    return received.provider, message


def draft(node: Node, consent: str, item: str, use: str, recipient: str, reason: str) -> dict[str, Any]:
    """The digest that a liaison officer signs to ask."""
    with node.store.read() as session:
        team, message = request_message(session, node, consent, item, use, recipient, reason)
    return {"consent": consent, "to": team, "digest": digest_of(message).hex(), "role": "R-LO"}


def ask(
    node: Node, consent: str, item: str, use: str, recipient: str, reason: str, signature: bytes
) -> dict[str, Any]:
    """Asks the team of origin, once."""
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    with node.store.write() as session:
        if (known := session.get(Consent, consent)) is not None:
            return view(known)
        team, message = request_message(session, node, consent, item, use, recipient, reason)
        officer = officers.check_own(session, node, signed, digest_of(message), "R-LO")
        message.officer.CopyFrom(signed)
        row = _row(session, node, message, "out", team, item)
        session.add(row)
        send(session, node, message, team)
        _log(session, node, row, officer.officer, f"consent of origin asked for {use}")
        return view(row)


@handles(delivery_pb2.ConsentRequest)
def on_request(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Keeps the question for an officer of origin to answer."""
    assert isinstance(message, delivery_pb2.ConsentRequest)
    check_approval(
        message.officer,
        digest_of(message),
        roster=node.roster(session),
        team=sender,
        required_role="R-LO",
        now=node.now(),
    )
    if session.get(Consent, message.consent.hex()) is None:
        row = _row(session, node, message, "in", sender, message.item)
        session.add(row)
        _log(session, node, row, message.officer.officer, f"asked for consent of origin: {message.use}")


def answer_digest(consent: str, granted: bool, conditions: str, until: datetime | None) -> bytes:
    """What the officer of origin signs (32 bytes)."""
    return digest_of(_answer(consent, granted, conditions, until))


def answer(
    node: Node, consent: str, granted: bool, conditions: str, until: datetime | None, signature: bytes
) -> dict[str, Any]:
    """Grants or refuses, signed by an officer with the role R-ORIG."""
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    with node.store.write() as session:
        row = _get(session, consent, "in")
        if row.state != "open":
            return view(row)
        message = _answer(consent, granted, conditions, until)
        officer = officers.check_own(session, node, signed, digest_of(message), ROLE)
        message.officer.CopyFrom(signed)
        _settle(row, message, node.now(), officer.officer)
        session.add(row)
        send(session, node, message, row.peer)
        _log(session, node, row, officer.officer, f"consent of origin {row.state}")
        return view(row)


@handles(delivery_pb2.ConsentAnswer)
def on_answer(
    session: Session, node: Node, sender: str, message: Message, statement: envelope_pb2.Envelope
) -> None:
    """Takes the origin's word, checks who signed it, and lets the item follow it."""
    assert isinstance(message, delivery_pb2.ConsentAnswer)
    row = _get(session, message.consent.hex(), "out")
    if row.peer != sender or row.state != "open":
        raise Forbidden("this consent was not asked of that team, or is answered", field="consent")
    officer = check_approval(
        message.officer,
        digest_of(message),
        roster=node.roster(session),
        team=sender,
        required_role=ROLE,
        now=node.now(),
    )
    _settle(row, message, node.now(), officer.officer)
    row.answer = statement.SerializeToString()
    session.add(row)
    _apply(session, row)
    _log(session, node, row, officer.officer, f"consent of origin {row.state} by {sender}")


def listing(session: Session) -> list[dict[str, Any]]:
    """All consents, asked and asked of us."""
    return [view(row) for row in session.exec(select(Consent).order_by(col(Consent.asked_at))).all()]


def view(row: Consent) -> dict[str, Any]:
    """One consent in words."""
    return {
        "consent": row.id,
        "direction": row.direction,
        "peer": row.peer,
        "state": row.state,
        "use": row.use,
        "recipient": row.recipient,
        "category": row.category,
        "item": row.item,
        "conditions": row.conditions,
        "until": row.until.isoformat() if row.until else None,
        "officer": row.officer,
    }


def show(node: Node, consent: str) -> dict[str, Any]:
    """One consent with its reason, opened."""
    with node.store.read() as session:
        row = session.get(Consent, consent)
        if row is None:
            raise NotFound("there is no such consent", field="consent", remedy="comity-node consent list")
        reason = node.vault.open(session, f"consent/{row.id}/reason", row.reason_sealed).decode()
        return {**view(row), **row.facts, "reason": reason}


def digest_of(message: delivery_pb2.ConsentRequest | delivery_pb2.ConsentAnswer) -> bytes:
    """SHA-256 over the statement without its signature."""
    bare = type(message).FromString(message.SerializeToString())
    bare.ClearField("officer")
    return hashlib.sha256(b"comity consent v1" + bare.SerializeToString(deterministic=True)).digest()


def _question(
    consent: str, use: str, recipient: str, category: str, reason: str
) -> delivery_pb2.ConsentRequest:
    return delivery_pb2.ConsentRequest(
        consent=bytes.fromhex(consent),
        use=use,
        recipient=recipient,
        category=category,
        purpose="thb",
        offence="thb",
        reason=reason,
    )


def _answer(
    consent: str, granted: bool, conditions: str, until: datetime | None
) -> delivery_pb2.ConsentAnswer:
    return delivery_pb2.ConsentAnswer(
        consent=bytes.fromhex(consent),
        granted=granted,
        conditions=conditions,
        until_ms=milliseconds(until) if until else 0,
    )


def _row(
    session: Session, node: Node, message: delivery_pb2.ConsentRequest, direction: str, peer: str, item: str
) -> Consent:
    name = message.consent.hex()
    where = f"consent/{name}/reason"
    return Consent(
        id=name,
        direction=direction,
        peer=peer,
        use=message.use,
        recipient=message.recipient,
        category=message.category,
        item=item,
        disclosure=message.disclosure.hex(),
        reason_sealed=node.vault.seal(session, where, message.reason.encode()),
        asked_at=node.now(),
        facts={"purpose": message.purpose, "offence": message.offence},
    )


def _settle(row: Consent, message: delivery_pb2.ConsentAnswer, now: datetime, officer: str) -> None:
    row.state = "granted" if message.granted else "refused"
    row.conditions = message.conditions
    row.until = datetime.fromtimestamp(message.until_ms / 1000, UTC) if message.until_ms else None
    row.officer, row.answered_at = officer, now


def _apply(session: Session, row: Consent) -> None:
    """The fact that the policy reads: consent of origin, with the consent that says so."""
    own = session.get(DataItemRow, row.item)
    if own is not None:
        own.facts = {**own.facts, "origin_consent": row.state == "granted", "consent": row.id}
        session.add(own)
        return
    received = session.get(ReceivedItem, (row.disclosure, row.item))
    if received is not None and row.use in _FACT:
        received.conditions = {
            **received.conditions,
            _FACT[row.use]: row.state == "granted",
            "consent": row.id,
        }
        session.add(received)


def _team_of_state(session: Session, node: Node, state: str) -> str:
    for member in node.roster(session).members:
        if member.state.lower() == state and member.team != node.team:
            return member.team
    raise Conflict(
        "the state of origin has no team in this federation",
        field="item",
        remedy="ask it by the channel you have, and import the item again with its consent",
    )


def _get(session: Session, name: str, direction: str) -> Consent:
    row = session.get(Consent, name)
    if row is None or row.direction != direction:
        raise NotFound("there is no such consent", field="consent", remedy="comity-node consent list")
    return row


def _log(session: Session, node: Node, row: Consent, officer: str, words: str) -> None:
    ledger.record(
        session,
        node,
        "consultation",
        user=officer,
        member=row.peer,
        justification=words,
        legal_basis="Directive (EU) 2023/977 Article 3(d); LED Article 35(1)(c)",
        result=f"consent {row.id}",
        subject=f"consent:{row.id}",
    )
