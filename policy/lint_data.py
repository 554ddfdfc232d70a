"""Lint of data: national modules, registries, grounds. Every remark names its line or its entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from policy.grounds import grounds
from policy.lint_source import DATA_PROTECTION
from policy.national import line_of, parse
from policy.parameters import TEMPLATE, Table, files
from policy.registry import Entry, entries
from policy.remarks import Remark, error, short, warning

VOID = {
    "judicial": ("LINT-2", "demands a judge of foreign requests only: void."),
    "condition": ("LINT-1", "sets a condition for other states' recipients only: void."),
}
"""National provisions that burden other states alone, by section."""


def modules(folder: Path) -> Iterator[Remark]:
    """Remarks on every national module of a folder, the template included."""
    for path in sorted(folder.glob("*.toml")):
        if not path.with_suffix(".py").exists():
            yield error(
                "national", short(path), "A module is a folder with a module.toml (docs/law-modules.md)."
            )
    for path in sorted(folder.glob("*/module.toml")):
        yield from module(path)


def module(path: Path) -> Iterator[Remark]:
    """Remarks on one module: mistakes with line and field, void provisions, what is not verified."""
    text = path.read_text(encoding="utf-8")
    data, faults = parse(text)
    for fault in faults:
        name = f"{fault.field}: " if fault.field else ""
        yield error("national", f"{short(path)}:{fault.line}", f"{name}{fault.sentence}")
    if faults or path.parent.name == TEMPLATE:
        return
    yield from _roles(path, text, data)
    for section, (code, what) in VOID.items():
        for number, one in enumerate(data.get(section, ())):
            if one["scope"] == "foreign_only":
                where = f"{short(path)}:{line_of(text, (section, number, 'scope'))}"
                say = warning if data.get("synthetic") else error
                yield say(code, where, f"{one['cites']} {what}")
    if not data["verified"] and not data.get("synthetic"):
        yield warning("verify", short(path), "The member has not confirmed its module.")


def _roles(path: Path, text: str, data: Table) -> Iterator[Remark]:
    known = files()["roles"]["role"]
    head = ("cites", "from", "until")
    named = [("release", act, role) for act, role in data.get("release", {}).items() if act not in head]
    named += [("officers", role, role) for role in data.get("officers", {}) if role not in head]
    for section, field, role in named:
        if role not in known:
            where = f"{short(path)}:{line_of(text, (section, field))}"
            yield error("role", where, f"{section}.{field}: {role!r} may not approve.")


def registries(tables: Mapping[str, Table] | None = None) -> Iterator[Remark]:
    """Every entry has a first day and a source, ends after it starts, and does not overlap its successor."""
    for name, table in (files() if tables is None else tables).items():
        where = f"policy/parameters/{name}.toml"
        wrong = [one for one in entries(name, table) if not _dates_are_days(one)]
        yield from (error("dates", where, f"{one.key}: `from` and `until` are days.") for one in wrong)
        if wrong:
            continue
        listed = list(entries(name, table))
        if name != "grounds":
            yield from _complete(where, listed)
        yield from _in_order(where, listed)
        unsure = sorted({one.cites for one in listed if "(verify)" in one.cites})
        if unsure:
            yield warning("verify", where, f"Not verified: {'; '.join(unsure)}.")


def _complete(where: str, listed: list[Entry]) -> Iterator[Remark]:
    for one in listed:
        if one.start is None:
            yield error("dates", where, f"{one.key} does not say since when it holds.")
        if not one.cites:
            yield error("source", where, f"{one.key} names no source.")


def _in_order(where: str, listed: list[Entry]) -> Iterator[Remark]:
    for one in listed:
        if one.start is not None and one.until is not None and one.until < one.start:
            yield error("dates", where, f"{one.key} ends before it starts.")
    ordered = sorted(listed, key=lambda one: (one.key, one.start or date.min))
    for left, right in pairwise(ordered):
        if left.key == right.key and (left.until is None or (right.start or date.min) <= left.until):
            yield error("overlap", where, f"Two entries are called {left.key} on one day.")


def _dates_are_days(one: Entry) -> bool:
    return all(_is_day(value) for value in (one.start, one.until))


def _is_day(value: Any) -> bool:
    return value is None or (isinstance(value, date) and not isinstance(value, datetime))


def grounds_listed() -> Iterator[Remark]:
    """Every ground of refusal has its article, its sentence and its way out."""
    where = "policy/parameters/grounds.toml"
    for one in grounds().values():
        if not (one.cites and one.sentence and one.way_out) or one.reads_as not in grounds():
            yield error("LINT-3", where, f"Ground {one.code} is not complete.")
        if one.code in DATA_PROTECTION:
            yield error("LINT-3", where, f'"{one.code}" alone is no ground of refusal.')
