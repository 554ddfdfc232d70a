"""A step limit for rules: a rule that loops is stopped, and then denies like any rule that fails.

Rules of this module:
- The limit is on while the block runs, on this thread only, and leaves an earlier tracer in place after it.
- It counts executed lines. Counting makes Python some twenty times slower: it runs in `comity-policy cases` and
  in the linter, never when a node decides. There a rule ends by construction: the linter refuses `while`,
  recursion, `try` and endless iterators in rules, and facts are finite.
- The stop is an ordinary exception inside the rule, so the engine's own answer to a failing rule applies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

STEPS = 200_000
"""Lines for one judgement; a case of the package takes some thousands."""


class TooManySteps(Exception):
    """The rule did not come to an end within its budget."""


@contextmanager
def limited(steps: int = STEPS) -> Iterator[None]:
    """Run the block with at most `steps` lines; beyond, each further line raises `TooManySteps`."""
    left = steps

    def count(_frame: FrameType, event: str, _value: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left < 0:
                raise TooManySteps
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)
