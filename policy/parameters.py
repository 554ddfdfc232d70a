"""Numbers and lists of the law, by date. The figures live in `policy/parameters/*.toml`.

Rules of this module:
- Every entry may carry `from` and `until` (the last day counts); it exists only on the days between.
- A name that no file has is an error of the asking rule, and so a denial: never a default.
- A `Parameters` object is the law's figures on one day for one national module, parsed once, read only.
- A national module with a fault is no module (policy/national.py); the folder `template` is none either.
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
from policy.evaluations import Reading, read
from policy.national import ACTS, parse
from policy.registry import Entry, gone, holds, on

HERE = Path(__file__).parent
PARAMETERS = HERE / "parameters"
NATIONAL = HERE / "law" / "national"
TEMPLATE = "template"
Table = Mapping[str, Any]


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as data; a broken one names itself."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyError("There is no such file.", code="not-found", field=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise PolicyError(f"This is not TOML: {broken}.", field=str(path)) from None


@lru_cache(maxsize=1)
def files() -> dict[str, dict[str, Any]]:
    """All parameter files by name, undated."""
    return {path.stem: read_toml(path) for path in sorted(PARAMETERS.glob("*.toml"))}


def module_files(folder: Path = NATIONAL) -> dict[str, Path]:
    """The `module.toml` of every national module, by the module's name; the template is none."""
    found = {path.parent.name: path for path in sorted(folder.glob("*/module.toml"))}
    return {name: path for name, path in found.items() if name != TEMPLATE}


@lru_cache(maxsize=1)
def national_modules() -> dict[str, dict[str, Any]]:
    """All national modules without faults, by name, undated."""
    parsed = {name: parse(path.read_text(encoding="utf-8")) for name, path in module_files().items()}
    return {name: data for name, (data, faults) in parsed.items() if not faults}


@lru_cache(maxsize=1)
def parameters_version() -> str:
    """SHA-256 over all parameter files and national modules, names and bytes."""
    digest = hashlib.sha256()
    for path in [*sorted(PARAMETERS.glob("*.toml")), *module_files().values()]:
        name, body = "/".join(path.parts[-2:]), path.read_bytes()
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
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
    penalties = {one["state"]: float(one["years"]) for one in entry.get("penalty", ())}
    return Offences(code, entry["serious"], entry["crime_area"], penalties)


def _bound(entry: Table) -> frozenset[str]:
    return frozenset(state for group in entry.get("bound", ()) for state in group["states"])


class Parameters:
    """The law's figures on one day, seen from one national module."""

    __slots__ = ("_bound", "_gone", "_judicial", "_offences", "_tables", "day", "known", "national")

    def __init__(
        self,
        tables: Mapping[str, Table],
        day: date,
        national: Table | None,
        ended: Mapping[str, Entry] | None = None,
    ) -> None:
        self._tables = tables
        self.day = day
        self.known = national is not None  # whether the proposal's national module exists
        self.national: Table = national or {}
        self._bound = {name: _bound(one) for name, one in tables["participation"].items()}
        offences = tables["offences"].get("offence", {})
        self._offences = {name: _offence(name, one) for name, one in offences.items()}
        self._judicial = tuple(self.national.get("judicial", ()))
        self._gone = ended or {}

    def table(self, name: str) -> Table:
        """A whole parameter file."""
        return self._tables[name]

    def gone(self, *keys: str) -> tuple[Entry, ...]:
        """Those of the entries called `keys` that exist in a registry, but not on this day."""
        return tuple(self._gone[key] for key in keys if key in self._gone)

    @property
    def anything_gone(self) -> bool:
        """Whether any entry of any registry does not exist on this day; on most days none is gone."""
        return bool(self._gone)

    def duration(self, name: str) -> timedelta:
        """A period of policy/parameters/deadlines.toml."""
        entry = self._tables["deadlines"][name]
        return timedelta(hours=entry.get("hours", 0), days=entry.get("days", 0))

    def takes_part(self, instrument: str, state: str | None) -> bool:
        """Whether `state` is bound by `instrument` (policy/parameters/participation.toml) on this day."""
        if instrument not in self._bound and instrument not in files()["participation"]:
            raise KeyError(instrument)
        return state in self._bound.get(instrument, ())

    def adequate(self, state: str | None) -> Table | None:
        """The adequacy decision under the LED for `state`, if one is in force."""
        found: Table | None = self._tables["adequacy"].get("led", {}).get(state or "")
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

    def exploitation(self, code: str | None) -> Table | None:
        """The form of exploitation called `code`, if the law names it on this day."""
        found: Table | None = self._tables["exploitation"].get(code or "")
        return found

    def evaluation(self, code: str) -> Reading | None:
        """What an evaluation code means in 4x4, the original kept; `None` for an unknown one."""
        return read(code, self._tables["evaluation"])

    def judge_needed(self, kind: str | None, category: str | None) -> Table | None:
        """The national provision that demands a judge for such an item; its `scope` is "alike" (at home as
        well) or "foreign_only". One that is not void goes before one that is."""
        found = [
            one
            for one in self._judicial
            if kind in one.get("kinds", ()) or category in one.get("categories", ())
        ]
        return next((one for one in found if one["scope"] == "alike"), found[0] if found else None)

    @property
    def conditions(self) -> tuple[Table, ...]:
        """National conditions that travel with data, at home and abroad; void ones are left out."""
        return tuple(one for one in self.national.get("condition", ()) if one["scope"] == "alike")

    @property
    def minor_offence_refused(self) -> bool:
        """Whether the member uses the ground of 2023/977 Article 6(1)(g) at all; it does if it is silent."""
        return self.national.get("refusal", {}).get("minor_offence") is not False

    @property
    def content_over_comity(self) -> bool:
        """Whether the provider's national module lets content travel over Comity itself."""
        return self.national.get("exchange", {}).get("content_over_comity") is True

    @property
    def zone(self) -> str:
        """The time zone on whose clock the provider's calendar days are counted; UTC where none is named."""
        return str(self.national.get("office", {}).get("zone", "UTC"))

    def words(self, table: str, name: str) -> tuple[str, ...]:
        """A list of a parameter file."""
        return tuple(self._tables[table][name])


@lru_cache(maxsize=64)
def _dated(day: date) -> tuple[dict[str, dict[str, Any]], dict[str, Entry]]:
    tables = {name: on(table, day) for name, table in files().items()}
    tables["crime_areas"]["areas"] = [one["code"] for one in tables["crime_areas"].get("area", ())]
    ended = {key: one for name, table in files().items() for key, one in gone(name, table, day).items()}
    return tables, ended


@lru_cache(maxsize=4096)
def parameters(day: date, national: str | None = None) -> Parameters:
    """The law's figures on `day` with the provider's national module, if it has one of that name."""
    tables, ended = _dated(day)
    module = national_modules().get(national or "")
    if module is None or not holds(module, day):
        return Parameters(tables, day, None, ended)
    dated = on(module, day)
    ended = {**ended, **gone("national", module, day)}
    return Parameters({**tables, "roles": _signers(tables["roles"], dated)}, day, dated, ended)


def _signers(roles: Table, module: Table) -> Table:
    """The federation's release roles, with those that the member's own law names instead."""
    own = {name: role for name, role in module.get("release", {}).items() if name in ACTS}
    return {**roles, "release": {**roles["release"], **own}} if own else roles
