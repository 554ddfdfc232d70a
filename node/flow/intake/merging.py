"""Lines that say the same selector of the same case twice, and the digest of what a line says.

Promised: merging never makes a line or an item freer. Items of both lines are kept, once each. Where two
lines differ, the careful value wins (a child, a safe house, the earlier expiry, the stricter handling code,
the worse evaluation, another state's origin without its consent); where neither is the careful one, as for
two categories of subject, nothing is stated, so that the gate asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import astuple, fields, replace
from typing import Any

from .facts import DataItem, Evaluation, SelectorLine

_IDENTITY = ("line", "kind", "normal_forms", "display", "case_reference", "items")
_UNHASHED = frozenset({"line", "display"})
_VERSION = b"comity case line 1"


def identity(line: SelectorLine) -> bytes:
    """32 bytes that are equal for the same selector of the same case, whatever else the lines say."""
    return _digest((line.kind, line.normal_forms, line.case_reference))


def fingerprint(line: SelectorLine) -> bytes:
    """32 bytes that are equal when two lines state the same facts, in whatever notation and order of items.

    Importing one file twice gives the same fingerprints, so the second import has nothing to change. The
    digest is of personal data that can be guessed: it is kept sealed and never leaves the node.
    """
    stated = [getattr(line, field.name) for field in fields(line) if field.name not in {*_UNHASHED, "items"}]
    items = sorted(_canonical(astuple(item)) for item in line.items)
    return _digest((*stated, *items))


def _digest(values: tuple[object, ...]) -> bytes:
    return hashlib.sha256(_VERSION + _canonical(values)).digest()


def _canonical(value: object) -> bytes:
    """An injective encoding: a type letter, a length, and the bytes; `None` and "" differ."""
    if isinstance(value, tuple):
        parts = b"".join(_canonical(part) for part in value)
        return b"t%d:" % len(value) + parts
    if isinstance(value, bytes):
        return b"b%d:" % len(value) + value
    if isinstance(value, Evaluation):
        return _canonical(astuple(value))
    text = "" if value is None else str(value)
    data = text.encode()
    return (b"n" if value is None else b"s") + b"%d:" % len(data) + data


def _either_true(first: bool | None, second: bool | None) -> bool | None:
    return True if True in (first, second) else first if second is None else second


def _both_true(first: bool | None, second: bool | None) -> bool | None:
    return False if False in (first, second) else None if None in (first, second) else True


def _most_careful_child(first: str | None, second: str | None) -> str | None:
    order = ("no", None, "presumed", "yes")
    return max(first, second, key=order.index)


def _union(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if first is None or second is None:
        return first or second or None
    return tuple(sorted({*first, *second}))


def _earlier(first: Any, second: Any) -> Any:
    return min(first, second) if first is not None and second is not None else first or second


def _stricter(first: str | None, second: str | None) -> str | None:
    return max(first, second) if first and second else first or second


def _least_permissive_pap(first: str | None, second: str | None) -> str | None:
    order = (None, "CLEAR", "GREEN", "AMBER", "RED")
    return max(first, second, key=order.index)


def _first_if_other_silent(first: Any, second: Any) -> Any:
    """Two statements that contradict each other are none."""
    if first in (None, "", ()):
        return second
    return first if second in (None, "", ()) else None


def _joined(first: str, second: str) -> str:
    return first if not second or second in first else f"{first}\n{second}".strip()


def _worse(first: Any, second: Any) -> Any:
    if first.suspected_false != second.suspected_false:
        return first if first.suspected_false else second
    return max(first, second, key=lambda evaluation: (evaluation.code[1], evaluation.code[0]))


_RULES: dict[str, Callable[[Any, Any], Any]] = {
    "child": _most_careful_child,
    "special": _union,
    "exploitation": _union,
    "origin_consent": _both_true,
    "handling": _stricter,
    "handling_note": _joined,
    "evaluation": _worse,
    "strictly_necessary": _both_true,
    "exposes": _union,
    "assessment": _either_true,
    "expiry": _earlier,
    "safe_house": _either_true,
    "pap": _least_permissive_pap,
}


def merge(first: SelectorLine, second: SelectorLine, *, home: str) -> tuple[SelectorLine, tuple[str, ...]]:
    """Both lines as one, at the first's place, and the fields that differ. `home`: the team's state."""
    changes: dict[str, Any] = {}
    for field in fields(first):
        mine, other = getattr(first, field.name), getattr(second, field.name)
        if field.name not in _IDENTITY and mine != other:
            changes[field.name] = _RULES.get(field.name, _first_if_other_silent)(mine, other)
    differing = tuple(changes)
    if "origin_state" in changes:
        changes["origin_state"] = second.origin_state if first.origin_state == home else first.origin_state
        changes["origin_consent"] = None
    items: tuple[DataItem, ...] = tuple(dict.fromkeys((*first.items, *second.items)))
    return replace(first, **changes, items=items), differing
