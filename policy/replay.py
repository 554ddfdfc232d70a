"""Replaying a stored decision: does the law still give the same answer to the same facts?

Rules of this module:
- The facts carry their own `now`, so rules and figures are those of that day, as today's package knows them.
- A decision names the text of every rule that was asked, by SHA-256. What changed since is named; a change of
  figures alone shows in the law's version.
- Pure. Judging by an older copy of the law, which takes another process, is policy/archive.py's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.decision import Decision
from policy.engine import Law, decide, law
from policy.errors import PolicyError

_WHOLE = ("route", "deadline", "clarify", "alarms")
_ANSWER = ("outcome", "roles", "obligations", "ground", "way_out", "route", "deadlines")


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found. `same` is about the answer; changed texts and figures alone leave it true."""

    same: bool
    differences: tuple[str, ...]
    changed_rules: tuple[str, ...]  # of the rules asked then or now, between then and the law replayed under
    changed_figures: bool  # the law differs, but no rule that was asked: parameters, or another rule
    decision: Mapping[str, Any]  # the new answer, as `Decision.to_dict` writes it


def replay(stored: Mapping[str, Any], under: Law | None = None) -> Replay:
    """Judge the stored decision's facts again. Raises `PolicyError` when it cannot be read."""
    before = Decision.from_dict(unwrap(stored))
    return compared(before.to_dict(), decide(before.facts, under).to_dict())


def changed_since(stored: Mapping[str, Any], under: Law | None = None) -> tuple[str, ...]:
    """Which of the rules that were asked then have another text, or none, in today's package."""
    today = {one.id: one.version for one in (under or law()).rules}
    asked = unwrap(stored).get("rules", {})
    return tuple(_changed(asked, {name: today[name] for name in asked if name in today}))


def unwrap(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """The decision inside an explanation (`explain --json`); a decision is itself."""
    inner = stored.get("decision")
    return inner if isinstance(inner, Mapping) else stored


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Replay:
    """Two decisions as data. Raises `PolicyError` when one of them is damaged."""
    try:
        differences = tuple(_differences(before, after))
        changed = tuple(_changed(before["rules"], after["rules"]))
        figures = not changed and before["law_version"] != after["law_version"]
    except (KeyError, TypeError, AttributeError) as broken:
        raise PolicyError(f"The stored decision is damaged: {broken!r}.", field="decision") from None
    return Replay(not differences, differences, changed, figures, after)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in _WHOLE:
        if before[name] != after[name]:
            yield f"{name}: was {before[name]!r}, is {after[name]!r}"
    old_items, new_items = before["items"], after["items"]
    for item in sorted(old_items.keys() | new_items.keys()):
        left, right = old_items.get(item), new_items.get(item)
        if left is None or right is None:
            yield f"items[{item}]: {'was not' if left is None else 'is no longer'} decided"
            continue
        for name in _ANSWER:
            if left[name] != right[name]:
                yield f"items[{item}].{name}: was {left[name]!r}, is {right[name]!r}"


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"{name}: new"
        elif new is None:
            yield f"{name}: gone"
        elif old != new:
            yield f"{name}: {old[:12]} is now {new[:12]}"
