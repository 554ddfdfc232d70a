"""Events that arrive from other members: verified, stored once, asked for where one is missing.

Whoever relays an event is trusted for nothing: each stands by its own author's signature.
"""

from __future__ import annotations

from google.protobuf.message import Message
from sqlmodel import Session, select

from comity import envelope as envelopes
from comity.channel import (
    Accepted,
    Duplicate,
    Equivocated,
    Equivocation,
    Held,
    event_digest,
    read_event,
)
from comity.errors import Forbidden, Unauthenticated
from comity.v1 import channel_pb2 as pb
from comity.v1 import envelope_pb2
from node.records import ChannelEventRow
from node.service.context import Node, raise_alarm
from node.service.incoming import handles, open_statement
from node.service.outgoing import send
from node.service.rooms import Room, event_row, refresh, relay


@handles(pb.ChannelEvent)
def on_event(
    session: Session, node: Node, sender: str, message: Message, statement: envelope_pb2.Envelope
) -> None:
    """Takes in one event of one author; asks for what is missing before it."""
    assert isinstance(message, pb.ChannelEvent)
    signers = sorted(open_statement(session, node, statement).signers)
    _take_in(session, node, message.channel.hex(), sender, signers, statement, told_by=sender)


@handles(pb.ChannelRelay)
def on_relay(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Takes in events that another member passes on: each stands by its own author's signature."""
    assert isinstance(message, pb.ChannelRelay)
    for event in message.events:
        author, signers = _signed_by(session, node, event)
        _take_in(session, node, message.channel.hex(), author, signers, event, told_by=sender)


@handles(pb.ChannelCatchUp)
def on_catch_up(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Passes on to a member the events, of whatever author, that it lacks."""
    assert isinstance(message, pb.ChannelCatchUp)
    room = Room(session, node, message.channel.hex())
    if sender in room.log.members:
        relay(session, node, room, sender, dict(message.have))


def _signed_by(session: Session, node: Node, statement: envelope_pb2.Envelope) -> tuple[str, list[str]]:
    """The author and all signers of a relayed event. Its addressees and its age do not matter any more."""
    roster = node.roster(session)
    owners = {each.key_id: roster.by_signing_key(each.key_id) for each in statement.signatures}
    keys = {key: owner.public for key, owner in owners.items() if owner is not None}
    valid = envelopes.verify_signatures(statement, keys)
    header = envelopes.read_header(statement)
    envelopes.check_federation_of(header, node.settings.federation)
    envelopes.read_payload(statement, header, pb.ChannelEvent)
    teams = sorted({owner.team for key, owner in owners.items() if owner is not None and key in valid})
    if header.sender not in teams:
        raise Unauthenticated("a relayed event is not signed by its author", field="events")
    return header.sender, teams


def _take_in(
    session: Session,
    node: Node,
    channel: str,
    author: str,
    signers: list[str],
    statement: envelope_pb2.Envelope,
    *,
    told_by: str,
) -> None:
    event = read_event(statement.payload)
    if event.author != author or event.channel.hex() != channel:
        raise Forbidden("a member writes under its own name, in the channel it says", field="author")
    digest = event_digest(statement.payload).hex()
    if session.exec(event_row(channel, digest)).first() is not None:
        return
    room = Room(session, node, channel)
    outcome = room.log.accept(statement.payload, author, cosigners=signers)
    session.add(
        ChannelEventRow(
            channel=channel,
            author=author,
            sequence=event.sequence,
            digest=digest,
            envelope=statement.SerializeToString(),
            cosigners=signers,
            received_at=node.now(),
            state=_state_of(outcome),
        )
    )
    session.flush()
    _after(session, node, room, outcome, event, told_by)
    room = Room(session, node, channel)
    room.learn()
    refresh(session, node, room)
    _settle_held(session, room)


def _settle_held(session: Session, room: Room) -> None:
    """Marks events as accepted whose predecessors have come."""
    known = {entry.record.digest.hex() for entry in room.log.entries()}
    rows = session.exec(
        select(ChannelEventRow).where(
            ChannelEventRow.channel == room.channel, ChannelEventRow.state == "held"
        )
    ).all()
    for row in rows:
        if row.digest in known:
            row.state = "accepted"
            session.add(row)


def _after(
    session: Session, node: Node, room: Room, outcome: object, event: pb.ChannelEvent, told_by: str
) -> None:
    if isinstance(outcome, Held):
        have = dict(room.log.vector())
        if event.sequence <= have.get(event.author, 0):  # another branch than ours: back to where it forked
            have[event.author] = max(0, event.sequence - 2)
        send(session, node, pb.ChannelCatchUp(channel=room.log.channel, have=have), told_by, route="broker")
    for evidence in _equivocations(outcome):
        raise_alarm(
            session,
            node,
            "critical",
            "equivocation",
            f"{evidence.author} signed two events with one number in channel {room.channel}",
        )


def _equivocations(outcome: object) -> list[Equivocation]:
    if isinstance(outcome, Equivocated):
        return [outcome.evidence, *outcome.accepted.equivocations]
    return list(outcome.equivocations) if isinstance(outcome, Accepted) else []


def _state_of(outcome: object) -> str:
    if isinstance(outcome, Held):
        return "held"
    if isinstance(outcome, Equivocated):
        return "equivocation"
    assert isinstance(outcome, Accepted | Duplicate)
    return "accepted"
