"""Who calls: the SPIFFE identity of the peer, proved under that identity's own authority.

The handshake accepts a leaf of *any* authority of the roster, so one member's authority could mint
another's name. Here the leaf is verified again under the authority of exactly the identity that it
names. Recipe:

  1. gRPC reports one SPIFFE name (`peer_spiffe_id`); none, or several URI names, are refused;
  2. the roster's view lists the name with an authority;
  3. the leaf verifies under that authority alone, now (`comity.transport.pki.verify_leaf`);
  4. the name inside the leaf is the name of step 1.

Verifications are remembered by (leaf, authority) digest for ten minutes at most and never past the
leaf's end; the roster's view is consulted on every call, so a removal bites at the next call.
Left to the handler: what this identity may do.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import grpc

from comity.errors import Unauthenticated
from comity.identifiers import Identity, parse_spiffe
from comity.transport import pki
from comity.transport.layers import Call, Layer, LayeredInterceptor

Trusted = Callable[[], Mapping[str, bytes]]
"""SPIFFE identity to PEM of its authority, as the pinned roster has it at this moment."""

REMEMBERED_FOR: Final = timedelta(minutes=10)
REMEMBERED_LEAVES: Final = 1_024
_ATTRIBUTE: Final = "comity_caller"


def caller(context: grpc.ServicerContext) -> Identity:
    """The verified caller of the running call.

    Raises:
        Unauthenticated: the call did not pass the peer layer (fails closed).
    """
    identity = getattr(context, _ATTRIBUTE, None)
    if not isinstance(identity, Identity):
        raise Unauthenticated("The caller is not known.")
    return identity


def remember_caller(context: grpc.ServicerContext, identity: Identity) -> None:
    """Marks a call as made by `identity`. For the peer layer, and for servers without a wire in tests."""
    setattr(context, _ATTRIBUTE, identity)


class PeerAuthenticator:
    """Turns the peer certificate of a call into an identity, or refuses."""

    def __init__(self, trusted: Trusted, clock: Callable[[], datetime]) -> None:
        self._trusted = trusted
        self._clock = clock
        self._known: dict[bytes, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def __call__(self, context: grpc.ServicerContext) -> Identity:
        """The identity of the caller.

        Raises:
            Unauthenticated: absent, doubled, unknown, or proved under another authority.
            Expired: the leaf is outside its validity.
        """
        facts = context.auth_context()
        named = _single(facts.get("peer_spiffe_id"), "The caller's certificate must carry one SPIFFE name.")
        leaf = _single(facts.get("x509_pem_cert"), "The caller showed no certificate.")  # 1
        name = named.decode("utf-8", "replace")
        authority = self._trusted().get(name)  # 2
        if authority is None:
            raise Unauthenticated(
                "The caller is not in the roster that this program has pinned.",
                code="unknown-peer",
                remedy="Compare the roster versions on both sides.",
            )
        if self._verified(leaf, authority) != name:  # 3, 4
            raise Unauthenticated("The certificate names somebody else.", code="spiffe-name")
        return parse_spiffe(name)

    def _verified(self, leaf: bytes, authority: bytes) -> str:
        now = self._clock()
        key = hashlib.sha256(hashlib.sha256(leaf).digest() + authority).digest()
        with self._lock:
            known = self._known.get(key)
        if known and now < known[1]:
            return known[0]
        name = pki.verify_leaf(leaf, authority, now)
        with self._lock:
            if len(self._known) >= REMEMBERED_LEAVES:
                self._known.clear()
            self._known[key] = (name, min(now + REMEMBERED_FOR, pki.not_after(leaf)))
        return name


def peer_layer(trusted: Trusted, clock: Callable[[], datetime]) -> Layer:
    """Server layer: no handler runs for a caller that is not authenticated."""
    authenticate = PeerAuthenticator(trusted, clock)

    @contextmanager
    def layer(call: Call) -> Iterator[None]:
        remember_caller(call.context, authenticate(call.context))
        yield

    return layer


class PeerIdentityInterceptor(LayeredInterceptor):
    """The peer layer alone, as an interceptor; `comity.transport.server` adds the other layers."""

    def __init__(self, trusted: Trusted, clock: Callable[[], datetime]) -> None:
        super().__init__([peer_layer(trusted, clock)])


def _single(values: object, message: str) -> bytes:
    items = list(values) if isinstance(values, list | tuple) else []
    if len(items) != 1:
        raise Unauthenticated(message, code="spiffe-name")
    item = items[0]
    return item if isinstance(item, bytes) else str(item).encode()
