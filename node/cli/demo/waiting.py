"""Waiting for a condition, never for a time; and the error of a step that did not come about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from comity.errors import ComityError, Unavailable

PATIENCE = 60.0  # seconds that a condition, or a node that restarts, is waited for
PAUSE = 0.1  # seconds between two looks

Found = TypeVar("Found")


class StepFailed(ComityError):
    """A step of the demonstration did not come about; says which, at which node, and what helps."""

    default_code = "step-failed"


def until(
    condition: Callable[[], Found],
    what: str,
    *,
    node: str = "",
    seconds: float = PATIENCE,
    remedy: str = "run it again with --keep DIR and look at DIR/run and DIR/<team>/telemetry/log.jsonl",
) -> Found:
    """The first truthy value of `condition`; a node that is away for a moment is asked again.

    Raises:
        StepFailed: nothing truthy came before the deadline.
    """
    deadline = time.monotonic() + seconds
    reason = ""
    while True:
        try:
            if found := condition():
                return found
        except Unavailable as error:
            reason = f" ({error.message})"
        if time.monotonic() > deadline:
            raise StepFailed(
                f"{what}: this did not happen within {seconds:.0f} seconds{reason}.",
                field=node or None,
                remedy=remedy,
            )
        time.sleep(PAUSE)
