"""Two teams, a broker, and a served health and mailbox service, for the tests of the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import grpc

from comity.errors import ComityError
from comity.identifiers import Identity, node_spiffe
from comity.transport import pki
from comity.transport.channel import PeerChannel
from comity.transport.identity import caller
from comity.transport.pki import KeyPair
from comity.transport.server import PeerServer, build_server
from comity.transport.telemetry import Telemetry, setup
from comity.v1 import broker_pb2, broker_pb2_grpc

FEDERATION = "eu-thb"
SILENT = setup("test")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Team:
    """A team with its authority and leaf."""

    name: str
    authority: KeyPair
    leaf: KeyPair

    @classmethod
    def make(cls, name: str) -> Team:
        authority = pki.make_authority(f"{name} authority", now())
        return cls(name, authority, leaf_of(authority, name))

    @property
    def spiffe(self) -> str:
        return node_spiffe(FEDERATION, self.name)

    @property
    def identity(self) -> Identity:
        return Identity(FEDERATION, "team", self.name)


def leaf_of(authority: KeyPair, name: str, *, at: datetime | None = None) -> KeyPair:
    """A leaf that names the node of team `name`, by whichever authority."""
    return pki.issue_leaf(
        *authority,
        spiffe=node_spiffe(FEDERATION, name),
        dns=f"node.{name}.{FEDERATION}",
        now=at or now(),
        lifetime=timedelta(days=7),
    )


@dataclass
class Mailbox(broker_pb2_grpc.MailboxServiceServicer):
    """Remembers who called; fails as told."""

    callers: list[Identity] = field(default_factory=list)
    failure: Exception | None = None
    facts: dict[str, object] = field(default_factory=dict)

    def Put(self, request: broker_pb2.PutRequest, context: grpc.ServicerContext) -> broker_pb2.PutResponse:  # noqa: N802 - gRPC's name
        self.callers.append(caller(context))
        return broker_pb2.PutResponse(duplicate=request.recipient == "nl")

    def Acknowledge(  # noqa: N802
        self, request: broker_pb2.AcknowledgeRequest, context: grpc.ServicerContext
    ) -> broker_pb2.AcknowledgeResponse:
        self.callers.append(caller(context))
        self.facts.update(context.auth_context())
        if self.failure is not None:
            raise self.failure
        return broker_pb2.AcknowledgeResponse(erased=request.through)

    def Fetch(  # noqa: N802
        self, request: broker_pb2.FetchRequest, context: grpc.ServicerContext
    ) -> Iterator[broker_pb2.FetchResponse]:
        self.callers.append(caller(context))
        for sequence in range(request.after + 1, request.after + 4):
            yield _mail(sequence)
        if self.failure is not None:
            raise self.failure


def _mail(sequence: int) -> broker_pb2.FetchResponse:
    mail = broker_pb2.FetchResponse(sequence=sequence, sender="nl", mail=bytes(16), received_at_ms=1)
    mail.sealed.key_id = bytes(16)
    mail.sealed.wrapped_key = bytes(1168)
    mail.sealed.nonce = bytes(24)
    mail.sealed.ciphertext = bytes(100)
    return mail


@dataclass
class Wire:
    """A server of team it, and what it takes to call it."""

    server: PeerServer
    box: Mailbox
    host: Team
    trusted: dict[str, bytes]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def channel(
        self,
        leaf: KeyPair | Callable[[], KeyPair],
        *,
        telemetry: Telemetry = SILENT,
        host: Team | None = None,
    ) -> PeerChannel:
        host = host or self.host
        return PeerChannel(
            self.address,
            peer=host.identity,
            authority_pem=host.authority.cert_pem,
            credentials=leaf if callable(leaf) else lambda: leaf,
            telemetry=telemetry,
            deadline=5.0,
        )

    def call(self, leaf: KeyPair) -> int:
        """One call with this leaf; the number that comes back."""
        with self.channel(leaf) as channel:
            stub = broker_pb2_grpc.MailboxServiceStub(channel)
            answer: broker_pb2.AcknowledgeResponse = stub.Acknowledge(
                broker_pb2.AcknowledgeRequest(through=7)
            )
            return answer.erased

    def refusal(self, leaf: KeyPair) -> ComityError:
        """The error that a call with this leaf meets."""
        try:
            self.call(leaf)
        except ComityError as error:
            return error
        raise AssertionError("the call was answered")


def serve(
    host: Team,
    trusted: dict[str, bytes],
    *,
    telemetry: Telemetry = SILENT,
    credentials: Callable[[], KeyPair] | None = None,
    clock: Callable[[], datetime] = now,
) -> Wire:
    """A started server of `host` on a free port of this machine."""
    box = Mailbox()
    server = build_server(
        lambda s: broker_pb2_grpc.add_MailboxServiceServicer_to_server(box, s),
        address="127.0.0.1:0",
        credentials=credentials or (lambda: host.leaf),
        trusted=lambda: trusted,
        telemetry=telemetry,
        clock=clock,
        max_threads=8,
    )
    server.start()
    return Wire(server, box, host, trusted)
