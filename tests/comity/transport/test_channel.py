"""Calls to one peer: deadlines, reconnection, words."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import grpc
import pytest

from comity.errors import Malformed, Unavailable
from comity.transport import deadlines
from comity.transport.channel import PeerChannel
from comity.transport.layers import Call
from comity.transport.server import build_server
from comity.v1 import broker_pb2, broker_pb2_grpc
from tests.comity.transport.peers import SILENT, Mailbox, Team, Wire, serve


@pytest.fixture(scope="module")
def nl() -> Team:
    return Team.make("nl")


@pytest.fixture(scope="module")
def it() -> Team:
    return Team.make("it")


@pytest.fixture
def wire(it: Team, nl: Team) -> Iterator[Wire]:
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem})
    yield wire
    wire.server.stop(None)


class _Slow(Mailbox):
    """Answers when told, and says how long it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.given: float | None = None

    def Acknowledge(  # noqa: N802
        self, request: broker_pb2.AcknowledgeRequest, context: grpc.ServicerContext
    ) -> broker_pb2.AcknowledgeResponse:
        self.given = deadlines.remaining()
        self.go.wait(5)
        return super().Acknowledge(request, context)


def _slow(it: Team, nl: Team) -> tuple[_Slow, Wire]:
    slow = _Slow()
    server = build_server(
        lambda s: broker_pb2_grpc.add_MailboxServiceServicer_to_server(slow, s),
        address="127.0.0.1:0",
        credentials=lambda: it.leaf,
        trusted=lambda: {nl.spiffe: nl.authority.cert_pem},
        telemetry=SILENT,
    )
    server.start()
    return slow, Wire(server, slow, it, {})


def test_a_peer_that_does_not_answer_in_time_is_named(it: Team, nl: Team) -> None:
    slow, wire = _slow(it, nl)
    with wire.channel(nl.leaf) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        with pytest.raises(Unavailable, match="node of team it did not answer in time") as met:
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1), timeout=0.3)
    slow.go.set()
    wire.server.stop(None)
    assert met.value.code == "deadline"


def test_every_call_has_a_deadline_and_the_handler_is_given_less(it: Team, nl: Team) -> None:
    slow, wire = _slow(it, nl)
    slow.go.set()
    with wire.channel(nl.leaf) as channel:
        broker_pb2_grpc.MailboxServiceStub(channel).Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
    wire.server.stop(None)
    assert slow.given is not None
    assert 3.0 < slow.given <= 5.0 - deadlines.SHAVE_SECONDS


def test_a_deadline_by_method_replaces_the_default(wire: Wire, nl: Team) -> None:
    channel = PeerChannel(
        wire.address,
        peer=wire.host.identity,
        authority_pem=wire.host.authority.cert_pem,
        credentials=lambda: nl.leaf,
        telemetry=SILENT,
        deadline=5.0,
        deadlines={"comity.v1.MailboxService/Fetch": 90.0},
    )
    assert channel.deadline_of("comity.v1.MailboxService/Fetch", None) == 90.0
    assert channel.deadline_of("comity.v1.MailboxService/Put", None) == 5.0
    assert channel.deadline_of("comity.v1.MailboxService/Put", 1.5) == 1.5
    channel.close()


class _Context:
    def __init__(self, left: float | None) -> None:
        self._left = left

    def time_remaining(self) -> float | None:
        return self._left


def _call(left: float | None) -> Call:
    return Call("m", b"", broker_pb2.PutRequest.FromString, _Context(left))  # type: ignore[arg-type]


def test_a_call_made_by_a_handler_gets_what_is_left_less_the_shave() -> None:
    assert deadlines.outgoing(10.0) == 10.0
    with deadlines.deadline_layer(_call(1.0)):
        assert deadlines.outgoing(10.0) < 1.0 - 2 * deadlines.SHAVE_SECONDS + 0.001
    assert deadlines.remaining() is None


def test_a_call_that_leaves_no_time_is_refused_before_any_work() -> None:
    with pytest.raises(Unavailable, match="no time"), deadlines.deadline_layer(_call(0.010)):
        raise AssertionError("the handler ran")


def test_a_call_without_a_deadline_does_not_run_for_ever() -> None:
    with deadlines.deadline_layer(_call(None)):
        left = deadlines.remaining()
    assert left is not None
    assert left <= deadlines.LONGEST_SECONDS


def test_a_peer_that_is_away_is_named_and_found_again_when_it_is_back(it: Team, nl: Team) -> None:
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem})
    address = wire.address
    with wire.channel(nl.leaf) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
        wire.server.stop(None)
        with pytest.raises(Unavailable, match="node of team it cannot be reached") as met:
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
        assert "127.0.0.1" not in str(met.value)
        again = build_server(
            lambda s: broker_pb2_grpc.add_MailboxServiceServicer_to_server(wire.box, s),
            address=address,
            credentials=lambda: it.leaf,
            trusted=lambda: wire.trusted,
            telemetry=SILENT,
        )
        again.start()
        assert _eventually(stub) == 3
        again.stop(None)


def _eventually(stub: broker_pb2_grpc.MailboxServiceStub) -> int:
    until = time.monotonic() + 10
    while True:
        try:
            return stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=3)).erased
        except Unavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_a_closed_channel_says_so(wire: Wire, nl: Team) -> None:
    channel = wire.channel(nl.leaf)
    channel.close()
    with pytest.raises(Unavailable, match="closed"):
        broker_pb2_grpc.MailboxServiceStub(channel).Acknowledge(broker_pb2.AcknowledgeRequest())


def test_a_request_outside_its_limits_is_not_sent(wire: Wire, nl: Team) -> None:
    with wire.channel(nl.leaf) as channel, pytest.raises(Malformed):
        broker_pb2_grpc.MailboxServiceStub(channel).Put(broker_pb2.PutRequest(recipient="NL"))
    assert wire.box.callers == []


def test_an_answer_outside_its_limits_is_refused(wire: Wire, nl: Team) -> None:
    with wire.channel(nl.leaf) as channel:
        call = channel.unary_unary(
            "/comity.v1.MailboxService/Acknowledge",
            broker_pb2.AcknowledgeRequest.SerializeToString,
            lambda _: broker_pb2.FetchResponse(sequence=1, sender="NL"),
        )
        with pytest.raises(Malformed) as met:
            call(broker_pb2.AcknowledgeRequest())
    assert met.value.field == "sender"


def test_an_answer_that_is_no_message_is_refused_naming_the_peer(wire: Wire, nl: Team) -> None:
    with wire.channel(nl.leaf) as channel:
        call = channel.unary_unary(
            "/comity.v1.MailboxService/Acknowledge",
            broker_pb2.AcknowledgeRequest.SerializeToString,
            lambda _: broker_pb2.FetchResponse.FromString(b"\xff\xff"),
        )
        with pytest.raises(Malformed, match="node of team it"):
            call(broker_pb2.AcknowledgeRequest())


def test_a_stream_can_be_ended_early(wire: Wire, nl: Team) -> None:
    with wire.channel(nl.leaf) as channel:
        stream = broker_pb2_grpc.MailboxServiceStub(channel).Fetch(broker_pb2.FetchRequest())
        assert next(stream).sequence == 1
        stream.cancel()
        assert wire.call(nl.leaf) == 7
