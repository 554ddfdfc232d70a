"""The dated registries: every entry of `policy/parameters`, its days and its source.

Rules of this module:
- An entry is a table of a parameter file. It has a first day (`from`), perhaps a last day (`until`, which
  counts) and a source (`cites`), its own or its parent's, up to the file's.
- Nothing is deleted when law changes: an entry ends, another begins. So an old decision can be read for ever.
- What is gone on a day is known by name, so that a decision that changed can say which entry changed it
  (`comity-dated-entries`).

Registries: participation, adequacy, offences with national maximum penalties, Annex II.B, Europol's crimes,
forms of exploitation, handling and evaluation codes, time limits, exposure, roles, requests, purposes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

Table = Mapping[str, Any]
HEAD = ("from", "until", "cites")
"""Words that say when and whence, of an entry or, at the top of a file, of all its entries."""
_NAMES = ("code", "state", "kind")


class Entry(NamedTuple):
    """One dated entry of a registry."""

    key: str  # registry and path, e.g. "adequacy.led.gb"
    start: date | None
    until: date | None
    cites: str

    def holds(self, day: date) -> bool:
        """Whether the entry exists on `day`; its last day counts."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def sentence(self, day: date) -> str:
        """Why the entry does not exist on `day`, for a finding."""
        if self.until is not None and self.until < day:
            return f"The entry {self.key} ended on {self.until.isoformat()} ({self.cites})."
        start = "a day that is not set" if self.start is None else self.start.isoformat()
        return f"The entry {self.key} starts on {start} ({self.cites})."


def entries(registry: str, table: Table) -> Iterator[Entry]:
    """All entries of one registry, holding or not, in the order of the file."""
    top = Entry(registry, table.get("from"), table.get("until"), str(table.get("cites", "")))
    yield from _below(table, top)


def _below(table: Table, parent: Entry) -> Iterator[Entry]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _one(value, f"{parent.key}.{name}", parent)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                if isinstance(part, Mapping):
                    for last in _called(part, number):
                        yield from _one(part, f"{parent.key}.{name}.{last}", parent)


def _one(table: Table, key: str, parent: Entry) -> Iterator[Entry]:
    start, until = table.get("from", parent.start), table.get("until", parent.until)
    mine = Entry(key, start, until, str(table.get("cites", parent.cites)))
    if not table or not all(isinstance(part, Mapping) for part in table.values()):
        yield mine  # a table of tables alone is no entry, but the place where entries stand
    yield from _below(table, mine)


def _called(part: Table, number: int) -> list[str]:
    """How an entry of a list is called: by its code, by each state or kind that it lists, or by its place."""
    for name in _NAMES:
        if isinstance(part.get(name), str):
            return [str(part[name])]
    for name in ("states", "kinds"):
        if isinstance(part.get(name), list):
            return [str(one) for one in part[name]]
    return [str(number)]


def gone(registry: str, table: Table, day: date) -> dict[str, Entry]:
    """Entries that do not hold on `day`, by key, where no other entry of the same key does.

    Of several the one that ended last is named; one that starts later only where none ended.
    """
    listed = list(entries(registry, table))
    alive = {one.key for one in listed if one.holds(day)}
    found: dict[str, Entry] = {}
    for one in sorted(listed, key=lambda one: _recent(one, day)):
        if one.key not in alive:
            found[one.key] = one
    return found


def _recent(one: Entry, day: date) -> tuple[bool, int]:
    if one.until is not None and one.until < day:
        return True, one.until.toordinal()
    return False, -(one.start or date.max).toordinal()


def on(table: Table, day: date) -> dict[str, Any]:
    """`table` with every entry dropped that does not hold on `day`, and without the file's own head."""
    if not holds(table, day):
        return {name: part for name, part in table.items() if name not in HEAD and _plain(part)}
    return {name: _on(part, day) for name, part in table.items() if name not in HEAD and _kept(part, day)}


def _plain(value: Any) -> bool:
    listed = isinstance(value, list) and any(isinstance(part, Mapping) for part in value)
    return not isinstance(value, Mapping) and not listed


def holds(entry: Table, day: date) -> bool:
    """Whether a table with a head of its own exists on `day`."""
    return Entry("", entry.get("from"), entry.get("until"), "").holds(day)


def _kept(value: Any, day: date) -> bool:
    return not isinstance(value, Mapping) or holds(value, day)


def _on(value: Any, day: date) -> Any:
    if isinstance(value, Mapping):
        return {name: _on(part, day) for name, part in value.items() if _kept(part, day)}
    if isinstance(value, list):
        return [_on(part, day) for part in value if _kept(part, day)]
    return value
