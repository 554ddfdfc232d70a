"""A channel as one node holds it: the chain, the carried bytes, the keys; writing and passing on.

An event is stored with the statement that brought it; the log, the keys and the shared case are folded
from what is stored, so that order and repetition of arrival mean nothing. Events travel sealed through
the broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from comity.channel import (
    ChannelLog,
    EpochKey,
    encode_event,
    event_digest,
)
from comity.errors import NotFound
from comity.v1 import channel_pb2 as pb
from comity.v1 import envelope_pb2
from node.flow import channel as flow
from node.flow.case import SharedCase
from node.records import Channel, ChannelEventRow, ChannelKey
from node.service import ledger
from node.service.context import Node
from node.service.outgoing import queue, send, sign

LEGAL_BASIS = "Directive (EU) 2023/977 Article 7; Convention of 29 May 2000 Article 7"
RELAY_BYTES = 1024 * 1024


class Room:
    """A channel as this node holds it: the chain, the carried bytes, the keys it can open."""

    def __init__(self, session: Session, node: Node, channel: str) -> None:
        self.session, self.node, self.channel = session, node, channel
        self.log = ChannelLog(bytes.fromhex(channel))
        self.carried: dict[bytes, bytes] = {}
        rows = session.exec(
            select(ChannelEventRow)
            .where(ChannelEventRow.channel == channel, ChannelEventRow.state != "refused")
            .order_by(col(ChannelEventRow.id))
        ).all()
        for row in rows:
            event = envelope_pb2.Envelope.FromString(row.envelope).payload
            self.log.accept(event, row.author, cosigners=row.cosigners)
            self.carried[bytes.fromhex(row.digest)] = event
        self.ring = self._ring()

    def _ring(self) -> dict[bytes, EpochKey]:
        known: dict[bytes, EpochKey] = {}
        query = select(ChannelKey).where(ChannelKey.channel == self.channel)
        for row in self.session.exec(query).all():
            where = f"channel_key/{self.channel}/{row.change}"
            key = self.node.vault.open(self.session, where, row.key_sealed)
            known[bytes.fromhex(row.change)] = EpochKey(row.epoch, key)
        return known

    def learn(self) -> None:
        """Opens the keys that new membership events brought, and keeps them sealed."""
        ring = flow.learn_keys(self.log, self.carried, self.node.team, [self.node.keys.sealing], self.ring)
        for change, key in ring.items():
            if change in self.ring:
                continue
            where = f"channel_key/{self.channel}/{change.hex()}"
            self.session.merge(
                ChannelKey(
                    channel=self.channel,
                    change=change.hex(),
                    epoch=key.epoch,
                    key_sealed=self.node.vault.seal(self.session, where, key.key),
                )
            )
        self.ring = ring

    @property
    def case(self) -> SharedCase:
        """The shared case as this node can read it."""
        return flow.read_case(self.log, self.carried, self.ring)

    def sealing_keys(self, teams: set[str] | frozenset[str]) -> dict[str, bytes]:
        """Members' public sealing keys from the roster."""
        roster = self.node.roster(self.session)
        return {team: roster.team(team).sealing_key for team in sorted(teams)}


def write(session: Session, node: Node, room: Room, step: flow.Step | flow.Rekeying) -> None:
    """The next event of this team: built, signed, stored, queued to every other member, in one go."""
    room_members = set(room.log.members)
    event = flow.write(room.log, node.team, step, room.ring, now=node.now(), chance=node.chance)
    encoded = encode_event(event)
    room.log.accept(encoded, node.team)
    room.carried[event_digest(encoded)] = encoded
    members = sorted((room_members | set(room.log.members)) - {node.team})
    statement = sign(node, event, [*members, node.team], timedelta(days=node.settings.mail_days))
    assert statement.payload == encoded
    session.add(
        ChannelEventRow(
            channel=room.channel,
            author=node.team,
            sequence=event.sequence,
            digest=event_digest(encoded).hex(),
            envelope=statement.SerializeToString(),
            cosigners=[node.team],
            received_at=node.now(),
        )
    )
    session.flush()
    room.learn()
    refresh(session, node, room)
    for team in members:  # who joins by this very event gets it first; what lies before follows
        queue(session, node, statement, team, what="ChannelEvent", route="broker")
    if event.kind == pb.CHANNEL_EVENT_KIND_MEMBERS:
        for newcomer in sorted(set(room.log.members) - room_members):
            relay(session, node, room, newcomer, {})


def relay(session: Session, node: Node, room: Room, team: str, have: Mapping[str, int]) -> None:
    """Passes on what `team` lacks by its own count, in mails of bounded size.

    Each author's newest event that both count is passed on too: a count says nothing of two events
    under one number, so this is where an equivocation shows.
    """
    rows = session.exec(
        select(ChannelEventRow)
        .where(ChannelEventRow.channel == room.channel, ChannelEventRow.state != "refused")
        .order_by(col(ChannelEventRow.id))
    ).all()
    newest = room.log.vector()
    batch, size = pb.ChannelRelay(channel=room.log.channel), 0
    for row in rows:
        shared = min(have.get(row.author, 0), newest.get(row.author, 0))
        if row.author == team or row.sequence < shared:
            continue
        if batch.events and size + len(row.envelope) > RELAY_BYTES:
            send(session, node, batch, team, route="broker")
            batch, size = pb.ChannelRelay(channel=room.log.channel), 0
        batch.events.append(envelope_pb2.Envelope.FromString(row.envelope))
        size += len(row.envelope)
    if batch.events:
        send(session, node, batch, team, route="broker")


def refresh(session: Session, node: Node, room: Room) -> None:
    """Keeps the row of the channel in step with what its events say."""
    row = session.get(Channel, room.channel)
    members = sorted(room.log.members)
    if row is None:
        if node.team not in members:
            return
        case = room.case
        row = Channel(
            id=room.channel,
            members=members,
            hits=[hit.hex() for hit in case.hits],
            opened_by=case.timeline[0]["team"] if case.timeline else "",
            opened_at=node.now(),
        )
        ledger.record(
            session,
            node,
            "collection",
            justification="joined a channel that another team opened",
            legal_basis=LEGAL_BASIS,
            result=f"channel {room.channel}",
            subject=f"channel:{room.channel}",
        )
    row.members = members
    if node.team not in members:
        row.state = "left"
    elif room.case.status == "closed":
        row.state = "closed"
    session.add(row)
    session.flush()


def room_of(session: Session, node: Node, channel: str) -> tuple[Channel, Room]:
    """The channel's row and what its events say; NotFound names the way to the list."""
    row = session.get(Channel, channel)
    if row is None:
        raise NotFound("there is no such channel here", field="channel", remedy="comity-node channel list")
    return row, Room(session, node, channel)


def log_act(session: Session, node: Node, row: Channel, officer: str, words: str, to: list[str]) -> None:
    """One log record of what an officer did in a channel."""
    ledger.record(
        session,
        node,
        "disclosure",
        user=officer,
        recipient=",".join(team for team in to if team != node.team),
        justification=words,
        legal_basis=LEGAL_BASIS,
        result=f"channel {row.id}",
        subject=f"channel:{row.id}",
    )


def event_row(channel: str, digest: str) -> Any:
    """Finds an event by its digest."""
    return select(ChannelEventRow).where(ChannelEventRow.channel == channel, ChannelEventRow.digest == digest)
