"""Errors survive the wire with their words, and nothing else crosses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

from comity import errors
from comity.errors import ComityError
from comity.transport.errors import DETAILS_KEY, RemoteFailure, from_rpc_error, status_of, to_status
from comity.transport.telemetry import setup
from comity.v1 import broker_pb2, broker_pb2_grpc
from tests.comity.transport.peers import Team, Wire, serve

KINDS = [
    errors.Malformed,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.Exhausted,
    errors.Unavailable,
    errors.Expired,
    errors.Corrupt,
]


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    it, nl = Team.make("it"), Team.make("nl")
    folder = tmp_path_factory.mktemp("telemetry")
    telemetry = setup("test", f"file:{folder}")
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem}, telemetry=telemetry)
    wire.nl, wire.log = nl, folder / "log.jsonl"  # type: ignore[attr-defined]
    yield wire
    wire.server.stop(None)
    telemetry.shutdown()


def _met(wire: Wire, failure: Exception) -> ComityError:
    wire.box.failure = failure
    return wire.refusal(wire.nl.leaf)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_arrives_as_it_was_raised(wire: Wire, kind: type[ComityError]) -> None:
    sent = kind(
        "The epoch is over – já.", code="epoch-over", field="batch.epoch", remedy="Fetch the key set."
    )
    met = _met(wire, sent)
    assert type(met) is kind
    assert met.as_dict() == sent.as_dict()


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_ends_with_the_error_after_what_was_sent(wire: Wire, kind: type[ComityError]) -> None:
    wire.box.failure = kind("No more.", code="no-more")
    seen: list[int] = []
    with wire.channel(wire.nl.leaf) as channel:  # type: ignore[attr-defined]
        stream = broker_pb2_grpc.MailboxServiceStub(channel).Fetch(broker_pb2.FetchRequest())
        with pytest.raises(kind) as met:
            seen.extend(message.sequence for message in stream)
    assert met.value.code == "no-more"
    assert met.value.field is None
    assert len(seen) <= 3


def test_every_kind_has_a_status_of_its_own() -> None:
    assert len({status_of(kind("x")) for kind in KINDS}) == len(KINDS)


def test_a_more_special_kind_keeps_the_status_of_its_base() -> None:
    class OverQuota(errors.Exhausted):
        pass

    assert status_of(OverQuota("x")) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_unexpected_exception_crosses_as_a_reference_and_nothing_of_its_text(wire: Wire) -> None:
    met = _met(wire, ValueError("cannot parse +31612345678 of Jane Doe"))
    assert isinstance(met, RemoteFailure)
    assert "reference" in met.message
    assert "31612345678" not in str(met.as_dict())
    log: Path = wire.log  # type: ignore[attr-defined]
    text = log.read_text()
    line = json.loads(text.splitlines()[-1])
    assert line["error"] == "ValueError"
    assert line["reference"] in met.message
    assert "31612345678" not in text
    assert "Jane" not in text


def test_a_request_that_is_no_message_is_malformed(wire: Wire) -> None:
    wire.box.failure = None
    with wire.channel(wire.nl.leaf) as channel:  # type: ignore[attr-defined]
        raw = channel.unary_unary("/comity.v1.MailboxService/Acknowledge")
        with pytest.raises(errors.Malformed, match="not a message"):
            raw(b"\xff\xff\xff")


def test_a_request_outside_its_limits_never_reaches_the_handler(wire: Wire) -> None:
    calls = len(wire.box.callers)
    with wire.channel(wire.nl.leaf) as channel:  # type: ignore[attr-defined]
        raw = channel.unary_stream("/comity.v1.MailboxService/Fetch")
        with pytest.raises(errors.Malformed) as met:
            next(raw(broker_pb2.FetchRequest(wait_seconds=4_000_000).SerializeToString()))
    assert met.value.field == "wait_seconds"
    assert len(wire.box.callers) == calls


def test_a_call_that_the_peer_does_not_know_is_told_from_one_that_failed(wire: Wire) -> None:
    channel = wire.channel(wire.nl.leaf)  # type: ignore[attr-defined]
    with channel, pytest.raises(errors.NotFound) as met:
        channel.unary_unary("/comity.v1.MailboxService/Burn")(b"")
    assert met.value.code == "unimplemented"


class _Failed(grpc.RpcError):
    """A failed call, as a peer may forge it."""

    def __init__(self, code: grpc.StatusCode, details: str, trailing: tuple[tuple[str, bytes], ...]) -> None:
        self._facts = (code, details, trailing)

    def code(self) -> grpc.StatusCode:
        return self._facts[0]

    def details(self) -> str:
        return self._facts[1]

    def trailing_metadata(self) -> tuple[Any, ...]:
        return self._facts[2]


def _forged(reason: str, remedy: str, field: str, message: str) -> ComityError:
    status = status_pb2.Status(code=3, message=message)
    info = error_details_pb2.ErrorInfo(reason=reason, domain="comity", metadata={"remedy": remedy})
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field=field)
    for detail in (info, bad):
        status.details.add().Pack(detail)
    trailing = ((DETAILS_KEY, status.SerializeToString()),)
    return from_rpc_error(_Failed(grpc.StatusCode.INVALID_ARGUMENT, message, trailing), "node of team ro")


def test_a_peers_words_are_clipped_and_lose_their_control_characters() -> None:
    met = _forged("BAD CODE!", "\x1b]0;owned\x07" + "r" * 9_999, "a\nb", "\x1b[31mred\u202e" + "m" * 9_999)
    assert met.code == "malformed"
    assert met.field is None
    assert len(met.message) <= 500
    assert met.remedy is not None
    assert len(met.remedy) <= 500
    assert not any(c in str(met) for c in "\x1b\x07\u202e\n")


@pytest.mark.parametrize("raw", [b"", b"\xff\xff", b"\x08\x03"])
def test_details_that_do_not_parse_leave_the_bare_status(raw: bytes) -> None:
    met = from_rpc_error(
        _Failed(grpc.StatusCode.PERMISSION_DENIED, "no", ((DETAILS_KEY, raw),)), "node of team ro"
    )
    assert isinstance(met, errors.Forbidden)
    assert met.message == "The node of team ro failed: no"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (grpc.StatusCode.UNAVAILABLE, errors.Unavailable, "unreachable"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.Unavailable, "deadline"),
        (grpc.StatusCode.CANCELLED, errors.Unavailable, "cancelled"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.Exhausted, "exhausted"),
        (grpc.StatusCode.INTERNAL, RemoteFailure, "internal"),
    ],
)
def test_a_bare_status_is_put_in_words_that_name_the_peer(
    status: grpc.StatusCode, kind: type[ComityError], code: str
) -> None:
    met = from_rpc_error(_Failed(status, "", ()), "node of team ro")
    assert type(met) is kind
    assert met.code == code
    assert "node of team ro" in met.message


def test_an_error_without_a_field_carries_no_field_violation() -> None:
    assert len(to_status(errors.Conflict("x")).details) == 1
