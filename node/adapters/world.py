"""The real clock and the real chance."""

from __future__ import annotations

import os
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


def system_chance(count: int) -> bytes:
    """`count` bytes from the operating system's generator."""
    return os.urandom(count)
