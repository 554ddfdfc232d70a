"""A step limit for rules: a rule that loops is stopped, and then denies like any rule that fails.

Rules of this module:
- The limit is on while the block runs, on this thread only, and leaves an earlier tracer in place after it.
- It counts executed lines of rules and of what they call outside the standard library and the engine.
  Counting makes rules some ten times slower, so it runs in `comity-policy cases`, never when a node decides.
  There a rule ends by construction: the linter refuses `while`, recursion, `try` and endless iterators in
  rules, and facts are finite. What loops inside the interpreter itself (`sum` of an endless iterator) only
  the linter sees.
- The stop is an ordinary exception inside the rule, so the engine's own answer to a failing rule applies.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

STEPS = 20_000
"""Lines for one judgement of all rules; a case of the package takes about a thousand."""

_ENGINE = str(Path(__file__).parent)
_LIBRARY = str(Path(os.__file__).parent)


class TooManySteps(Exception):
    """The rule did not come to an end within its budget."""


@contextmanager
def limited(steps: int = STEPS) -> Iterator[None]:
    """Run the block with at most `steps` lines of rules; beyond, each further line raises `TooManySteps`."""
    left = steps

    def count(frame: FrameType, event: str, _value: Any) -> Any:
        nonlocal left
        if event == "call":
            return count if _is_rule(frame.f_code.co_filename) else None
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


def _is_rule(file: str) -> bool:
    return not (os.path.dirname(file) == _ENGINE or file.startswith((_LIBRARY, "<")))
