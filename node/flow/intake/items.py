"""Data items: what the team knows about a selector, from `item:` columns or from JSON objects.

Promised: an item that cannot be read is left out and reported; its line stays. What an item does not say
about itself it has from its column, then from its line: origin, consent, handling, evaluation, assessment,
special categories. Left to the gate: items without a category, past their retention, or never to be sent.

An item heading is `item:<label>` or `item:<category>:<label>`, and may end in attributes that hold for the
whole column: `item:2(a)(i):subscriber [handling=H2 origin=MA consent=no until=2026-01-31]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from comity.errors import Malformed

from . import codes
from .cells import clean, undamaged
from .codes import Unreadable
from .facts import DataItem

MAX_ITEMS = 100  # data items on one selector

_HEADING = re.compile(r"^item:(?:\s*([^:\[\]]*?)\s*:)?\s*([^\[\]]+?)\s*(?:\[([^\]]*)\])?$", re.IGNORECASE)
_SHORT = {
    "origin": "origin_state",
    "consent": "origin_consent",
    "eval": "evaluation",
    "until": "retention_until",
    "retention": "retention_until",
}
_READERS: dict[str, Callable[[str, date], object]] = {
    "special": lambda text, _: codes.special(text),
    "origin_state": lambda text, _: codes.state(text),
    "origin_consent": lambda text, _: codes.yes_no(text),
    "handling": lambda text, _: codes.handling(text),
    "evaluation": lambda text, _: codes.evaluation(text),
    "assessment": lambda text, _: codes.yes_no(text),
    "retention_until": lambda text, today: codes.day(text, today=today),
    "source": lambda text, _: codes.word(codes.SOURCE, text),
    "defect": lambda text, _: codes.defect(text),
    "held": lambda text, _: codes.word(codes.HELD, text),
    "judicial": lambda text, _: codes.word(codes.JUDICIAL, text),
    "special_basis": lambda text, _: codes.word(codes.SPECIAL_BASIS, text),
    "strictly_necessary": lambda text, _: codes.yes_no(text),
    "exposes": lambda text, _: codes.exposes(text),
}
_TEXTS = frozenset({"category", "label", "value"})
_SEE = "See docs/case-files.md."


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """What an `item:` heading says: category and label, and the facts that hold for the whole column."""

    category: str
    label: str
    facts: Mapping[str, Any]


def item_column(heading: str, *, today: date) -> ItemColumn:
    """Reads an `item:` heading. Raises Malformed, naming the part that is wrong."""
    try:
        found = _HEADING.match(clean(heading))
        if found is None:
            raise _bad_heading("An item column needs a label.")
        category = codes.category(found[1]) if found[1] else ""
        return ItemColumn(category, found[2], _facts(dict(_attributes(found[3] or "")), today=today))
    except Unreadable as reason:
        raise _bad_heading(reason.message) from None


def _bad_heading(message: str) -> Malformed:
    remedy = "Write it as in item:2(h):e-mail or item:2(a)(i):subscriber [handling=H2 origin=MA consent=no]."
    return Malformed(message, code="bad-item-column", field="header", remedy=remedy)


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for word in text.split():
        name, equals, value = word.partition("=")
        name = _SHORT.get(name.casefold(), name.casefold())
        if not equals or not value or name not in _READERS:
            raise _bad_heading("An item column has an attribute that is not known.")
        yield name, value


def item_from_column(column: ItemColumn, cell: str, line: DataItem) -> DataItem | None:
    """The item in one cell, None when it is empty. `line` holds what the line says for all its items."""
    value = undamaged(clean(cell))
    if not value:
        return None
    return replace(line, category=column.category, label=column.label, value=value, **column.facts)


def item_from_object(given: Mapping[str, Any], line: DataItem, *, today: date) -> DataItem | None:
    """The item that a JSON object describes; None when its value is empty."""
    texts: dict[str, str] = {}
    for key, value in given.items():
        name = _SHORT.get(key.casefold(), key.casefold())
        if name not in _READERS and name not in _TEXTS:
            raise Unreadable("unknown-field", "A data item has a field that is not known.", _SEE)
        texts[name] = as_text(value)
    value = undamaged(texts.pop("value", ""))
    label, category = texts.pop("label", ""), texts.pop("category", "")
    if not value:
        return None
    if not label:
        raise Unreadable("no-label", "A data item has no label.", "Name it, e.g. subscriber.")
    facts = _facts(texts, today=today)
    return replace(
        line, category=codes.category(category) if category else "", label=label, value=value, **facts
    )


def as_text(value: object) -> str:
    """A JSON value as the cell of a table: text as it is, yes and no for booleans, lists parted by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return clean(", ".join(value))
    raise Unreadable("not-text", "A field holds something other than text.", "Write the value in quotes.")


def _facts(texts: Mapping[str, str], *, today: date) -> dict[str, Any]:
    """The facts that an item states itself. Another origin makes the line's consent meaningless."""
    facts: dict[str, Any] = {"origin_consent": None} if texts.get("origin_state") else {}
    for name, text in texts.items():
        if text:
            facts[name] = _READERS[name](text, today)
    return facts
