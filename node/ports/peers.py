"""Other teams and the broker, as this node calls them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from comity.v1 import broker_pb2, envelope_pb2, feed_pb2, log_pb2


class Peers(Protocol):
    """Calls to other nodes by team id. Promises: the answer comes from that team and from nobody
    else (mutual TLS against the roster); every call ends within its deadline; a peer that is down
    raises Unavailable and a refusal raises the ComityError that the peer raised. At most once:
    the caller repeats, receivers are idempotent.
    """

    def evaluate(self, team: str, envelope: envelope_pb2.Envelope) -> envelope_pb2.Envelope: ...

    def audit(self, team: str, envelope: envelope_pb2.Envelope) -> envelope_pb2.Envelope: ...

    def deliver(self, team: str, envelope: envelope_pb2.Envelope) -> bytes:
        """Returns the digest that the peer accepted."""
        ...

    def pull(self, team: str, after: int, digest: bytes) -> Iterator[feed_pb2.PullResponse]: ...

    def key_set(self, team: str, epoch: int) -> envelope_pb2.Envelope: ...

    def cosign(self, witness: str, request: log_pb2.AddCheckpointRequest) -> log_pb2.AddCheckpointResponse:
        """`witness` is a team id or a broker id."""
        ...


class Mailbox(Protocol):
    """The broker, seen from one node. Promises: a mail that `put` returned from is durable and is
    fetched by its addressee at least once, in order of sequence, until acknowledged or 28 days old.
    """

    def put(self, recipient: str, mail: bytes, sealed: envelope_pb2.SealedBox) -> bool: ...

    def fetch(self, after: int, wait_seconds: int) -> Iterator[broker_pb2.FetchResponse]: ...

    def acknowledge(self, through: int) -> None: ...
