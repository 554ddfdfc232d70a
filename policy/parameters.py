"""Numbers and lists of the law, by date. The figures live in `policy/parameters/*.toml`.

Rules of this module:
- Every entry may carry `from` and `until` (the last day counts); it exists only on the days between.
- A name that no file has is an error of the asking rule, and so a denial: never a default.
- A `Parameters` object is the law's figures on one day for one national module, parsed once, read only.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from policy.errors import PolicyError

HERE = Path(__file__).parent
PARAMETERS = HERE / "parameters"
NATIONAL = HERE / "law" / "national"
Table = Mapping[str, Any]


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as data; a broken one names itself."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyError("There is no such file.", code="not-found", field=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise PolicyError(f"This is not TOML: {broken}.", field=str(path)) from None


def _holds(entry: Table, day: date) -> bool:
    start, end = entry.get("from"), entry.get("until")
    return (start is None or start <= day) and (end is None or day <= end)


def _on(value: Any, day: date) -> Any:
    """`value` with every entry dropped that does not hold on `day`."""
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if not isinstance(part, dict) or _holds(part, day)}
        return {name: _on(part, day) for name, part in kept.items()}
    if isinstance(value, list):
        return [_on(part, day) for part in value if not isinstance(part, dict) or _holds(part, day)]
    return value


@lru_cache(maxsize=1)
def _files() -> dict[str, dict[str, Any]]:
    return {path.stem: read_toml(path) for path in sorted(PARAMETERS.glob("*.toml"))}


@lru_cache(maxsize=1)
def national_modules() -> dict[str, dict[str, Any]]:
    """All national modules by name, undated."""
    return {path.stem: read_toml(path) for path in sorted(NATIONAL.glob("*.toml"))}


@lru_cache(maxsize=1)
def parameters_version() -> str:
    """SHA-256 over all parameter files, names and bytes."""
    digest = hashlib.sha256()
    for path in [*sorted(PARAMETERS.glob("*.toml")), *sorted(NATIONAL.glob("*.toml"))]:
        body = path.read_bytes()
        digest.update(f"{path.name}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Offences:
    """What the offence catalogue says of one offence."""

    code: str
    serious: bool
    crime_area: str
    penalties: Mapping[str, float]

    def penalty(self, state: str | None) -> float | None:
        """Maximum penalty in years in `state`; the Union minimum (`eu`) where no state figure is known."""
        return self.penalties.get(state or "", self.penalties.get("eu"))


def _offence(code: str, entry: Table) -> Offences:
    return Offences(code, entry["serious"], entry["crime_area"], entry["penalties"])


class Parameters:
    """The law's figures on one day, seen from one national module."""

    __slots__ = ("_bound", "_judicial", "_offences", "_tables", "day", "known", "national")

    def __init__(self, tables: Mapping[str, Table], day: date, national: Table | None) -> None:
        self._tables = tables
        self.day = day
        self.known = national is not None  # whether the proposal's national module exists
        self.national: Table = national or {}
        self._bound = {name: frozenset(one["states"]) for name, one in tables["participation"].items()}
        self._offences = {name: _offence(name, one) for name, one in tables["offences"]["offence"].items()}
        self._judicial = tuple(self.national.get("judicial", ()))

    def table(self, name: str) -> Table:
        """A whole parameter file."""
        return self._tables[name]

    def duration(self, name: str) -> timedelta:
        """A period of policy/parameters/deadlines.toml."""
        entry = self._tables["deadlines"][name]
        return timedelta(hours=entry.get("hours", 0), days=entry.get("days", 0))

    def takes_part(self, instrument: str, state: str | None) -> bool:
        """Whether `state` is bound by `instrument` (policy/parameters/participation.toml)."""
        return state in self._bound[instrument]

    def adequate(self, state: str | None) -> Table | None:
        """The adequacy decision under the LED for `state`, if one is in force."""
        found: Table | None = self._tables["adequacy"]["led"].get(state or "")
        return found

    def may_hold(self, subject: str | None, category: str | None) -> str:
        """Annex II.B: "yes", "role" (only where the subject's role needs it) or "no"."""
        row: Table = self._tables["annex_ii_b"]["subject"].get(subject or "", {})
        if not category:
            return "no"
        for answer in ("yes", "role"):
            if any(category == one or category.startswith(one + "(") for one in row.get(answer, ())):
                return answer
        return "no"

    def category(self, kind: str | None, category: str | None) -> str | None:
        """The Annex II.B category: as stated, otherwise that of the kind."""
        found: str | None = category or self._tables["annex_ii_b"]["kind"].get(kind or "")
        return found

    def is_place(self, kind: str | None, category: str | None) -> bool:
        """Whether the item says where a person is."""
        places = self._tables["annex_ii_b"]["places"]
        return kind in places["kinds"] or category in places["categories"]

    def offence(self, code: str | None) -> Offences | None:
        """The catalogue's entry for `code`, if there is one."""
        return self._offences.get(code or "")

    def judge_needed(self, kind: str | None, category: str | None) -> Table | None:
        """The national provision that demands a judge for such an item; its `scope` is "alike" (at home as
        well) or "foreign_only"."""
        for one in self._judicial:
            if kind in one.get("kinds", ()) or category in one.get("categories", ()):
                found: Table = one
                return found
        return None

    @property
    def content_over_comity(self) -> bool:
        """Whether the provider's national module lets content travel over Comity itself."""
        return self.national.get("exchange", {}).get("content_over_comity") is True

    def words(self, table: str, name: str) -> tuple[str, ...]:
        """A list of a parameter file."""
        return tuple(self._tables[table][name])


@lru_cache(maxsize=4096)
def parameters(day: date, national: str | None = None) -> Parameters:
    """The law's figures on `day` with the provider's national module, if it has one of that name."""
    tables = {name: _on(table, day) for name, table in _files().items()}
    module = national_modules().get(national or "")
    return Parameters(tables, day, None if module is None else _on(module, day))
