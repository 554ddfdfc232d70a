"""Replaying a stored decision: does today's law package still give the same answer to the same facts?

The facts carry their own `now`, so rules and figures are those of that day. A difference is either a
change of a rule's text (named with both versions) or an answer that differs (named by item and field).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.decision import Decision
from policy.engine import Law, decide

_ANSWER = ("outcome", "roles", "obligations", "ground", "way_out", "route", "deadlines")


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found. `same` is about the answer; changed rule texts alone leave it true."""

    same: bool
    differences: tuple[str, ...]
    changed_rules: tuple[str, ...]
    decision: Decision


def replay(stored: Mapping[str, Any], under: Law | None = None) -> Replay:
    """Judge the stored decision's facts again. Raises `PolicyError` when it cannot be read."""
    before = Decision.from_dict(stored)
    after = decide(before.facts, under)
    differences = tuple(_differences(before, after))
    return Replay(not differences, differences, tuple(_changed(before.rules, after.rules)), after)


def _differences(before: Decision, after: Decision) -> Iterator[str]:
    for name in ("route", "deadline", "clarify", "alarms"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: was {old!r}, is {new!r}"
    for item in sorted(before.items.keys() | after.items.keys()):
        left, right = before.items.get(item), after.items.get(item)
        if left is None or right is None:
            yield f"items[{item}]: {'was not' if left is None else 'is no longer'} decided"
            continue
        for name in _ANSWER:
            old, new = getattr(left, name), getattr(right, name)
            if old != new:
                yield f"items[{item}].{name}: was {old!r}, is {new!r}"


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"{name}: new"
        elif new is None:
            yield f"{name}: gone"
        elif old != new:
            yield f"{name}: {old[:12]} is now {new[:12]}"
