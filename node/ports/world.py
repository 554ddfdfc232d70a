"""Time and chance. Only adapters read a clock or draw random bytes; everything else is given them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

Chance = Callable[[int], bytes]
"""Draws that many unpredictable bytes from the operating system (or a seeded test source)."""


class Clock(Protocol):
    """The time. Promises an aware datetime in UTC; may jump, so nothing durable relies on its order."""

    def now(self) -> datetime: ...
