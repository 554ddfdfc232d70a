"""How long a call may take, on both sides.

A server keeps 20 ms of each deadline for itself, so that it can still *say* that time ran out; a call
that a handler makes to another peer gets what is left to the handler, less the same 20 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Final

from comity.errors import Unavailable
from comity.transport.layers import Call

SHAVE_SECONDS: Final = 0.020
LONGEST_SECONDS: Final = 900.0  # a handler is never given longer than this
_deadline: ContextVar[float | None] = ContextVar("comity_deadline", default=None)


@contextmanager
def deadline_layer(call: Call) -> Iterator[None]:
    """Server layer: remembers the call's deadline for the handler and for calls made by it.

    Raises:
        Unavailable: less than 20 ms are left, so any work would be for nothing.
    """
    granted: float | None = call.context.time_remaining()
    left = min(LONGEST_SECONDS, granted if granted is not None else LONGEST_SECONDS) - SHAVE_SECONDS
    if left <= 0:
        raise Unavailable("The deadline leaves no time to answer.", code="deadline")
    before = _deadline.get()
    _deadline.set(monotonic() + left)
    try:
        yield
    finally:
        _deadline.set(before)


def remaining() -> float | None:
    """Seconds left to the running handler; None outside of one. Never negative."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - monotonic())


def outgoing(wanted: float) -> float:
    """The deadline in seconds for a call that may take `wanted`, made now, here."""
    left = remaining()
    return wanted if left is None else max(0.0, min(wanted, left - SHAVE_SECONDS))
