"""What a national module may say, and what is wrong with one that does not say it well.

A module is the folder `policy/law/national/<name>`: `module.toml`, and rules of its own where a table is not
enough. docs/law-modules.md tells a ministry's lawyer how to fill it in.

Rules of this module:
- Strict: an unknown word, a word outside its vocabulary or a missing citation is a fault, with its line.
- A module with a fault is no module: whoever names it is asked for it, and nothing leaves. A half-read module
  could lose the very provision that protects somebody.
- `scope` is "alike" (at home as well) or "foreign_only". What burdens other states alone is void (LED
  Article 9(4); 2023/977 Article 9(1)); the linter tells its owner.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

Table = Mapping[str, Any]
Path = tuple[str | int, ...]
SCOPES = ("alike", "foreign_only")
ACTS = ("disclose", "share", "open_channel")

DATES: dict[str, type] = {"from": date, "until": date}
FIELDS: dict[str, dict[str, type]] = {
    "": {
        "state": str,
        "name": str,
        "verified": bool,
        "synthetic": bool,
        "languages": list,
        "confirmed_by": str,
        **DATES,
    },
    "office": {"name": str, "zone": str, "cites": str, **DATES},
    "exchange": {"content_over_comity": bool, "cites": str, **DATES},
    "judicial": {"kinds": list, "categories": list, "scope": str, "cites": str, **DATES},
    "condition": {"kinds": list, "text": str, "scope": str, "cites": str, **DATES},
    "refusal": {"minor_offence": bool, "cites": str, **DATES},
    "retention": {"token_days": int, "case_review_days": int, "cites": str, **DATES},
    "release": {**dict.fromkeys(ACTS, str), "cites": str, **DATES},
    "officers": {"cites": str, **DATES},  # and the code of each role: its title
}
"""Sections, their fields and the fields' types; "" is the top of the file."""
LISTS = ("judicial", "condition")
NEEDED: dict[str, tuple[str, ...]] = {
    "": ("state", "name", "verified", "from", "languages"),
    "office": ("name", "zone"),
    "exchange": ("content_over_comity", "cites"),
    "judicial": ("scope", "cites"),
    "condition": ("text", "scope", "cites"),
    "refusal": ("minor_offence", "cites"),
    "retention": ("cites",),
    "release": ("cites",),
}
WORDS: dict[str, tuple[str, ...]] = {"scope": SCOPES}
_TYPES = {str: "text", bool: "true or false", list: "a list of texts", int: "a whole number", date: "a date"}


class Fault(NamedTuple):
    """One mistake in a module's file."""

    line: int
    field: str  # e.g. "judicial[0].scope"
    sentence: str


def parse(text: str) -> tuple[dict[str, Any], list[Fault]]:
    """The module's data and all its faults, in the order of the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        line = re.search(r"line (\d+)", str(broken))
        last = text.count("\n") + 1
        return {}, [Fault(int(line[1]) if line else last, "", f"This is not TOML: {broken}.")]
    found = [Fault(line_of(text, path), _name(path), sentence) for path, sentence in _faults(data)]
    return data, sorted(found)


def _faults(data: Table) -> Iterator[tuple[Path, str]]:
    yield from _section("", {k: v for k, v in data.items() if k not in FIELDS}, ())
    for name in FIELDS:
        if not name or name not in data:
            continue
        value = data[name]
        if name not in LISTS:
            yield from _table(name, value, (name,))
        elif not isinstance(value, list):
            yield (name,), f"Write it as [[{name}]], once for each provision."
        else:
            for number, part in enumerate(value):
                yield from _table(name, part, (name, number))


def _table(name: str, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        yield from _section(name, value, path)
    else:
        yield path, "Expected a section of fields."


def _section(name: str, value: Table, path: Path) -> Iterator[tuple[Path, str]]:
    for field, part in value.items():
        kind = FIELDS[name].get(field, str if name == "officers" else None)
        if kind is None:
            known = ", ".join([*FIELDS[name], *([] if name else FIELDS)]).strip(", ")
            yield (*path, field), f"There is no such word here. Known: {known}."
        elif not _is(part, kind):
            yield (*path, field), f"Expected {_TYPES[kind]}."
        elif field in WORDS and part not in WORDS[field]:
            yield (*path, field), f"Expected one of: {', '.join(WORDS[field])}."
        elif part in ("", []) and field != "confirmed_by":
            yield (*path, field), "It is empty."
    for field in NEEDED.get(name, ()):
        if field not in value:
            yield (*path, field), "It is missing."
    yield from _meaning(name, value, path)


def _is(part: Any, kind: type) -> bool:
    if isinstance(part, list):
        return kind is list and all(isinstance(one, str) for one in part)
    return type(part) is kind


def _meaning(name: str, value: Table, path: Path) -> Iterator[tuple[Path, str]]:
    start, end = value.get("from"), value.get("until")
    if type(start) is date and type(end) is date and end < start:
        yield (*path, "until"), "It ends before it starts."
    if name == "judicial" and not (value.get("kinds") or value.get("categories")):
        yield (*path, "kinds"), "State which kinds or which Annex II.B categories it is about."
    if not name and isinstance(value.get("languages"), list) and "en" not in value["languages"]:
        yield (*path, "languages"), "English is always among them (Directive (EU) 2023/977, Article 11)."
    if not name and value.get("verified") is True and not value.get("confirmed_by"):
        yield ("confirmed_by",), "A confirmed module names the authority that confirmed it, and when."


def _name(path: Path) -> str:
    text = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)
    return text.removeprefix(".")


_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)\s*\]")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")


def line_of(text: str, path: Path) -> int:
    """The line of a field; of its section where the field is missing; 1 where that is missing too."""
    places: dict[Path, int] = {}
    here: Path = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            name = header[2]
            counts[name] = counts.get(name, -1) + 1
            here = (name, counts[name]) if header[1] == "[[" else (name,)
            places.setdefault(here, number)
        elif key:
            places.setdefault((*here, key[1]), number)
    return next((places[path[:cut]] for cut in range(len(path), 0, -1) if path[:cut] in places), 1)
