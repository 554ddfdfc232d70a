"""Calls to one peer, and to nobody else.

A `PeerChannel` is a `grpc.Channel`: generated stubs take it. Promises: TLS under the authority of that
one peer, asking for that peer's name; a deadline on every call; requests and responses inside the
limits; every failure is a `ComityError` whose words name the peer and no data; the own certificate is
renewed without losing a running call (a new connection takes the next one). gRPC reconnects by
itself, ten seconds apart at most.

Calls block: ask several peers from several threads. `future` and client streams are not offered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, NoReturn

import grpc
from google.protobuf.message import DecodeError, Message

from comity.errors import ComityError, Malformed, Unavailable
from comity.identifiers import Identity
from comity.transport.deadlines import outgoing
from comity.transport.errors import from_rpc_error, status_code
from comity.transport.limits import check
from comity.transport.pki import KeyPair, dns_name
from comity.transport.telemetry import ClientMeasures, Telemetry

MAX_MESSAGE_BYTES: Final = 4 * 1_048_576
DEFAULT_DEADLINE_SECONDS: Final = 15.0
OPTIONS: Final = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 10_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 15_000),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
)


class PeerChannel(grpc.Channel):
    """The calls that can be made to one peer.

    Args:
        address: host:port, from the roster.
        peer: whom the other side must prove to be.
        authority_pem: the authority of that peer, from the roster.
        credentials: the own leaf and key; asked before each call, so that renewal needs no restart.
        deadline: seconds that a call may take when its caller does not say.
        deadlines: other defaults by method, e.g. {"comity.v1.MailboxService/Fetch": 90.0}.
    """

    def __init__(
        self,
        address: str,
        *,
        peer: Identity,
        authority_pem: bytes,
        credentials: Callable[[], KeyPair],
        telemetry: Telemetry,
        deadline: float = DEFAULT_DEADLINE_SECONDS,
        deadlines: Mapping[str, float] | None = None,
    ) -> None:
        self.peer = peer
        self.spoken = f"node of team {peer.name}" if peer.role == "team" else f"broker {peer.name}"
        self._address, self._authority, self._credentials = address, authority_pem, credentials
        self._deadline, self._deadlines = deadline, dict(deadlines or {})
        self.measures = ClientMeasures(telemetry, peer.name)
        self._lock = threading.Lock()
        self._shown: KeyPair | None = None
        self._channel: grpc.Channel | None = None
        self._closed = False

    def deadline_of(self, method: str, wanted: float | None) -> float:
        """Seconds granted to a call of `method` made now, here."""
        return outgoing(wanted if wanted is not None else self._deadlines.get(method, self._deadline))

    def connection(self) -> grpc.Channel:
        """The connection under the own certificate of this moment.

        Raises:
            Unavailable: the channel was closed.
        """
        mine = self._credentials()
        with self._lock:
            if self._closed:
                raise Unavailable(f"The channel to the {self.spoken} is closed.", code="closed")
            if self._channel is None or mine != self._shown:
                self._channel, self._shown = self._connect(mine), mine
            return self._channel

    def unary_unary(  # type: ignore[override] # stubs need the call itself, not the futures
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> _Unary:
        """See `grpc.Channel`."""
        return _Unary(self, method, request_serializer, response_deserializer)

    def unary_stream(  # type: ignore[override]
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> _Streaming:
        """See `grpc.Channel`."""
        return _Streaming(self, method, request_serializer, response_deserializer)

    def stream_unary(self, *_: Any, **__: Any) -> NoReturn:
        """Not part of comity.v1."""
        raise NotImplementedError("comity.v1 has no client streams")

    def stream_stream(self, *_: Any, **__: Any) -> NoReturn:
        """Not part of comity.v1."""
        raise NotImplementedError("comity.v1 has no client streams")

    def subscribe(
        self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool = False
    ) -> None:
        """See `grpc.Channel`; follows the connection of this moment."""
        self.connection().subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """See `grpc.Channel`."""
        self.connection().unsubscribe(callback)

    def close(self) -> None:
        """Ends running calls and refuses new ones."""
        with self._lock:
            self._closed = True
            if self._channel is not None:
                self._channel.close()
            self._channel = None

    def __enter__(self) -> PeerChannel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self, mine: KeyPair) -> grpc.Channel:
        # The channel under the former certificate ends with its last call, when nothing refers to it.
        credentials = grpc.ssl_channel_credentials(self._authority, mine.key_pem, mine.cert_pem)
        override = ("grpc.ssl_target_name_override", dns_name(self.peer))
        return grpc.secure_channel(self._address, credentials, (*OPTIONS, override))


class _Calls:
    """What unary and streaming calls share."""

    def __init__(
        self,
        peer: PeerChannel,
        method: str,
        serialize: Callable[[Any], bytes] | None,
        deserialize: Callable[[bytes], Any] | None,
    ) -> None:
        self._peer, self._path, self._method = peer, method, method.lstrip("/")
        self._serialize, self._deserialize = serialize or bytes, deserialize or bytes

    def _prepare(self, request: Any) -> bytes:
        _check(request)
        return self._serialize(request)

    def _understand(self, data: bytes) -> Any:
        try:
            response = self._deserialize(data)
        except DecodeError:
            raise Malformed(f"The answer of the {self._peer.spoken} is not a message.") from None
        _check(response)
        return response

    def _failure(self, error: grpc.RpcError) -> ComityError:
        return from_rpc_error(error, self._peer.spoken)


class _Unary(_Calls):
    """One method with one answer."""

    def __call__(self, request: Any, timeout: float | None = None, **_: Any) -> Any:
        data = self._prepare(request)
        call: Any = self._peer.connection().unary_unary(self._path)
        end = self._peer.measures.begin(self._method)
        try:
            answer = call(data, timeout=self._peer.deadline_of(self._method, timeout))
        except grpc.RpcError as error:
            end(status_code(error).name, len(data), 0)
            raise self._failure(error) from None
        except ValueError:  # gRPC's word for a channel that was closed meanwhile
            end("CANCELLED", len(data), 0)
            raise Unavailable(f"The channel to the {self._peer.spoken} is closed.", code="closed") from None
        end("OK", len(data), len(answer))
        return self._understand(answer)


class _Streaming(_Calls):
    """One method with a stream of answers."""

    def __call__(self, request: Any, timeout: float | None = None, **_: Any) -> _Stream:
        data = self._prepare(request)
        connection = self._peer.connection()
        end = self._peer.measures.begin(self._method)
        try:
            start: Any = connection.unary_stream(self._path)
            call = start(data, timeout=self._peer.deadline_of(self._method, timeout))
        except ValueError:
            end("CANCELLED", len(data), 0)
            raise Unavailable(f"The channel to the {self._peer.spoken} is closed.", code="closed") from None
        return _Stream(call, self._understand, self._failure, lambda status, n: end(status, len(data), n))


class _Stream(Iterator[Any]):
    """The answers of one streaming call. `cancel` ends it early; so does dropping it."""

    def __init__(
        self,
        call: Any,
        understand: Callable[[bytes], Any],
        failure: Callable[[grpc.RpcError], ComityError],
        end: Callable[[str, int], None],
    ) -> None:
        self._call, self._understand, self._failure, self._end = call, understand, failure, end
        self._received = 0
        self._ended = False

    def __next__(self) -> Any:
        try:
            data: bytes = next(self._call)
        except StopIteration:
            self._finish("OK")
            raise
        except grpc.RpcError as error:
            self._finish(status_code(error).name)
            raise self._failure(error) from None
        self._received += len(data)
        try:
            return self._understand(data)
        except Malformed:
            self.cancel()
            raise

    def cancel(self) -> None:
        """Ends the call; later `next` raises."""
        self._call.cancel()
        self._finish("CANCELLED")

    def __del__(self) -> None:
        self.cancel()

    def _finish(self, status: str) -> None:
        if not self._ended:
            self._ended = True
            self._end(status, self._received)


def _check(message: object) -> None:
    """The limits, for messages of comity.v1; health messages have none."""
    if isinstance(message, Message) and message.DESCRIPTOR.full_name.startswith("comity."):
        check(message)
