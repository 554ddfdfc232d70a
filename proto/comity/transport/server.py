"""A synchronous gRPC server that authenticated peers alone can reach.

Promises: TLS with client certificates, always; the handshake trusts the union of the roster's
authorities of this moment and the peer layer narrows that to the caller's own; certificate and key
are asked for at each handshake, so renewal needs no restart; every call passes, from outside in,
telemetry, the error border, the deadline, the peer layer and the limits. Server reflection is off.
Messages are at most 4 MiB. Connections live for an hour at most, so that a peer shows its renewed
certificate.

Left to others: what a known peer may do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import grpc
from grpc_health.v1 import (  # type: ignore[import-untyped]
    health,
    health_pb2,
    health_pb2_grpc,
)

from comity.errors import ComityError, Unavailable
from comity.transport import pki
from comity.transport.deadlines import deadline_layer
from comity.transport.errors import guarded
from comity.transport.identity import Trusted, peer_layer
from comity.transport.layers import Call, LayeredInterceptor
from comity.transport.limits import check
from comity.transport.pki import KeyPair
from comity.transport.telemetry import Telemetry, server_layer

MAX_MESSAGE_BYTES: Final = 4 * 1_048_576
OPTIONS: Final = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", 16_384),
    ("grpc.so_reuseport", 0),
    ("grpc.max_connection_age_ms", 3_600_000),
    ("grpc.max_connection_age_grace_ms", 600_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
)


class PeerServer:
    """A `grpc.Server` with the port that it listens on and its health."""

    def __init__(self, server: grpc.Server, port: int, health_service: health.HealthServicer) -> None:
        self._server, self.port, self._health = server, port, health_service

    def start(self) -> None:
        """Serves; health says SERVING from now on."""
        self._health.set("", health_pb2.HealthCheckResponse.SERVING)
        self._server.start()

    def stop(self, grace: float | None = None) -> None:
        """Takes no new calls, lets the running ones end for `grace` seconds, and returns when all have."""
        self._health.enter_graceful_shutdown()
        self._server.stop(grace).wait()

    def wait_for_termination(self, timeout: float | None = None) -> bool:
        """Blocks until stopped; True when `timeout` seconds passed first."""
        return self._server.wait_for_termination(timeout)


def build_server(
    register: Callable[[grpc.Server], None],
    *,
    address: str,
    credentials: Callable[[], KeyPair],
    trusted: Trusted,
    telemetry: Telemetry,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    max_threads: int = 32,
) -> PeerServer:
    """A server on `address` (host:port, port 0 for any free one) that still has to be started.

    Args:
        register: adds the services, e.g. `lambda s: add_MailboxServiceServicer_to_server(box, s)`.
        credentials: this program's leaf and key, read at each handshake.
        trusted: SPIFFE identity to authority, as the pinned roster has it now.
        max_threads: calls that run at once; a stream holds one until it ends. Twice as many may wait.

    Raises:
        Unavailable: the address cannot be bound.
    """
    layers = [
        server_layer(telemetry),
        guarded(lambda name, reference: _report(telemetry, name, reference)),
        deadline_layer,
        peer_layer(trusted, clock),
        limits_layer,
    ]
    server = grpc.server(
        ThreadPoolExecutor(max_threads, thread_name_prefix="rpc"),
        interceptors=[LayeredInterceptor(layers)],
        options=OPTIONS,
        maximum_concurrent_rpcs=2 * max_threads,
    )
    register(server)
    health_service = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_service, server)
    port = _bind(server, address, _credentials(credentials, trusted, telemetry, clock))
    return PeerServer(server, port, health_service)


@contextmanager
def limits_layer(call: Call) -> Iterator[None]:
    """Server layer: a request of comity.v1 is inside its limits before a handler sees it."""
    request = call.request()
    if not request.DESCRIPTOR.full_name.startswith("grpc.health."):
        check(request)
    yield


def _credentials(
    credentials: Callable[[], KeyPair],
    trusted: Trusted,
    telemetry: Telemetry,
    clock: Callable[[], datetime],
) -> grpc.ServerCredentials:
    # Without any root gRPC would fall back to the system's: an authority whose key nobody has stands in.
    nobody = pki.make_authority("nobody", clock()).cert_pem

    def present() -> grpc.ServerCertificateConfiguration:
        mine = credentials()
        roots = b"\n".join([each for each in dict.fromkeys(trusted().values()) if _loads(each)] or [nobody])
        return grpc.ssl_server_certificate_configuration([(mine.key_pem, mine.cert_pem)], roots)

    def renew() -> grpc.ServerCertificateConfiguration | None:
        try:
            return present()
        except (ComityError, OSError) as error:
            telemetry.log.error("certificate could not be renewed", error=type(error).__name__)
            return None

    return grpc.dynamic_ssl_server_credentials(
        present(),
        renew,  # type: ignore[arg-type] # None is documented as "no change"
        require_client_authentication=True,
    )


@lru_cache(maxsize=1_024)
def _loads(authority: bytes) -> bool:
    """Whether an authority is a certificate: one member's damaged one must not shut out all others."""
    try:
        pki.load_certificate(authority)
    except ComityError:
        return False
    return True


def _bind(server: grpc.Server, address: str, credentials: grpc.ServerCredentials) -> int:
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError:
        port = 0
    if not port:
        raise Unavailable(
            "The address cannot be listened on.",
            code="address-in-use",
            field="address",
            remedy="Stop the program that uses it, or choose another address or port.",
        )
    return port


def _report(telemetry: Telemetry, name: str, reference: str) -> None:
    telemetry.log.error("unexpected exception in a call", error=name, reference=reference)
