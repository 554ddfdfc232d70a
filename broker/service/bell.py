"""Wakes whoever waits for mail, without a thread that polls.

One reader an addressee: a later one takes the place of an earlier one, whose stream ends. So a client
that lost its connection is not kept out by its own ghost, and no addressee holds many threads.
"""

from __future__ import annotations

import threading
from collections import defaultdict


class Bell:
    """Rings by addressee."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung: defaultdict[str, int] = defaultdict(int)
        self._reader: defaultdict[str, int] = defaultdict(int)
        self._closed = False

    def enter(self, recipient: str) -> int:
        """Becomes the addressee's reader and returns its ticket; the former reader is woken to leave."""
        with self._condition:
            self._reader[recipient] += 1
            self._condition.notify_all()
            return self._reader[recipient]

    def reads(self, recipient: str, ticket: int) -> bool:
        """Whether this ticket is still the addressee's reader, and the broker is open."""
        with self._condition:
            return not self._closed and self._reader[recipient] == ticket

    def heard(self, recipient: str) -> int:
        """How often it has rung for the addressee: take it *before* looking for mail."""
        with self._condition:
            return self._rung[recipient]

    def ring(self, recipient: str) -> None:
        """New mail, or the reader has gone: wakes the addressee's reader."""
        with self._condition:
            self._rung[recipient] += 1
            self._condition.notify_all()

    def wait(self, recipient: str, ticket: int, heard: int, seconds: float) -> None:
        """Returns when it has rung since `heard`, when another one reads, or after `seconds`."""

        def over() -> bool:
            return self._closed or self._rung[recipient] != heard or self._reader[recipient] != ticket

        with self._condition:
            self._condition.wait_for(over, seconds)

    def close(self) -> None:
        """Wakes everybody for the last time."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
