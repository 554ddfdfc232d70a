"""Calls to other nodes and to brokers over mutual TLS, one channel for each, as the roster says now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from comity.errors import NotFound
from comity.identifiers import Identity
from comity.roster import TrustedRoster
from comity.transport.channel import PeerChannel
from comity.transport.pki import KeyPair
from comity.transport.telemetry import Telemetry
from comity.v1 import (
    broker_pb2,
    broker_pb2_grpc,
    delivery_pb2,
    delivery_pb2_grpc,
    envelope_pb2,
    feed_pb2,
    feed_pb2_grpc,
    log_pb2,
    log_pb2_grpc,
    pseudonym_pb2,
    pseudonym_pb2_grpc,
    roster_pb2,
    roster_pb2_grpc,
)

_DEADLINES = {
    "comity.v1.PseudonymService/Evaluate": 60.0,
    "comity.v1.FeedService/Pull": 300.0,
    "comity.v1.MailboxService/Fetch": 90.0,
}


class Channels:
    """Open channels by peer; one is renewed when the roster gives the peer another address or authority."""

    def __init__(
        self,
        roster: Callable[[], TrustedRoster],
        credentials: Callable[[], KeyPair],
        telemetry: Telemetry,
    ) -> None:
        self._roster, self._credentials, self._telemetry = roster, credentials, telemetry
        self._open: dict[tuple[str, str], tuple[str, bytes, PeerChannel]] = {}
        self._lock = threading.Lock()

    def to_team(self, team: str) -> PeerChannel:
        """The channel to a team's node."""
        member = self._roster().team(team)
        return self._channel("team", team, member.address, member.authority_pem)

    def to_broker(self, broker: str | None = None) -> PeerChannel:
        """The channel to a broker; the first of the roster when none is named."""
        brokers = self._roster().brokers
        if not brokers:
            raise NotFound("the roster lists no broker", field="brokers")
        found = self._roster().broker(broker) if broker else brokers[0]
        return self._channel("broker", found.broker, found.address, found.authority_pem)

    def is_broker(self, name: str) -> bool:
        """Whether the roster has a broker of that name."""
        return any(broker.broker == name for broker in self._roster().brokers)

    def close(self) -> None:
        """Closes all channels."""
        with self._lock:
            for _, _, channel in self._open.values():
                channel.close()
            self._open.clear()

    def _channel(self, role: str, name: str, address: str, authority: bytes) -> PeerChannel:
        with self._lock:
            known = self._open.get((role, name))
            if known is not None and known[:2] == (address, authority):
                return known[2]
            if known is not None:
                known[2].close()
            channel = PeerChannel(
                address,
                peer=Identity(self._roster().federation, "team" if role == "team" else "broker", name),
                authority_pem=authority,
                credentials=self._credentials,
                telemetry=self._telemetry,
                deadlines=_DEADLINES,
            )
            self._open[role, name] = (address, authority, channel)
            return channel


class GrpcPeers:
    """The `Peers` port over gRPC."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    def evaluate(self, team: str, envelope: envelope_pb2.Envelope) -> envelope_pb2.Envelope:
        """One batch to one holder."""
        stub = pseudonym_pb2_grpc.PseudonymServiceStub(self._channels.to_team(team))
        return stub.Evaluate(pseudonym_pb2.EvaluateRequest(envelope=envelope)).envelope

    def audit(self, team: str, envelope: envelope_pb2.Envelope) -> envelope_pb2.Envelope:
        """One audit element to one holder."""
        stub = pseudonym_pb2_grpc.PseudonymServiceStub(self._channels.to_team(team))
        return stub.Audit(pseudonym_pb2.AuditRequest(envelope=envelope)).envelope

    def deliver(self, team: str, envelope: envelope_pb2.Envelope) -> bytes:
        """One statement to one team."""
        stub = delivery_pb2_grpc.DeliveryServiceStub(self._channels.to_team(team))
        return stub.Deliver(delivery_pb2.DeliverRequest(envelope=envelope)).digest

    def pull(self, team: str, after: int, digest: bytes) -> Iterator[feed_pb2.PullResponse]:
        """A peer's feed from a cursor on."""
        stub = feed_pb2_grpc.FeedServiceStub(self._channels.to_team(team))
        yield from stub.Pull(feed_pb2.PullRequest(after=after, digest=digest))

    def key_set(self, team: str, epoch: int) -> envelope_pb2.Envelope:
        """A key set, as a peer has it."""
        stub = roster_pb2_grpc.RosterServiceStub(self._channels.to_team(team))
        return stub.GetKeySet(roster_pb2.GetKeySetRequest(epoch=epoch)).key_set

    def cosign(self, witness: str, request: log_pb2.AddCheckpointRequest) -> log_pb2.AddCheckpointResponse:
        """Asks a team or a broker to cosign."""
        broker = self._channels.is_broker(witness)
        channel = self._channels.to_broker(witness) if broker else self._channels.to_team(witness)
        return log_pb2_grpc.WitnessServiceStub(channel).AddCheckpoint(request)


class GrpcMailbox:
    """The `Mailbox` port over the roster's first broker."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    def put(self, recipient: str, mail: bytes, sealed: envelope_pb2.SealedBox) -> bool:
        """One sealed mail; True when it was there already."""
        request = broker_pb2.PutRequest(recipient=recipient, mail=mail, sealed=sealed)
        return self._stub().Put(request).duplicate

    def fetch(self, after: int, wait_seconds: int) -> Iterator[broker_pb2.FetchResponse]:
        """Own mail after a cursor, and what comes in while waiting."""
        yield from self._stub().Fetch(broker_pb2.FetchRequest(after=after, wait_seconds=wait_seconds))

    def acknowledge(self, through: int) -> None:
        """Erases own mail up to a cursor."""
        self._stub().Acknowledge(broker_pb2.AcknowledgeRequest(through=through))

    def _stub(self) -> broker_pb2_grpc.MailboxServiceStub:
        return broker_pb2_grpc.MailboxServiceStub(self._channels.to_broker())
