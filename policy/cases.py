"""Case tables: the law in sentences, next to each rule, run by pytest and by `comity-policy cases`.

A table is a TOML file of `[[case]]`: a `name` that is a sentence, a `base` of facts (policy/law/base.toml),
`with` and `without` to change them, and what to `expect`. Every case is judged under the whole law, so it
also shows that no other rule stands in the way. Expectations: `outcome`, `ground`, `roles`, `route`,
`deadline`, `hours`, `clock`, `clarify`; `obligations` and `by` (rules that spoke): at least these.
`row` is the case's number in the federation's catalogue of decision cases, or the inject of its exercise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from policy.codec import proposal_from
from policy.decision import Decision
from policy.engine import decide
from policy.errors import PolicyError
from policy.parameters import HERE, read_toml

LAW = HERE / "law"
BASES = LAW / "base.toml"
_KNOWN = frozenset({"name", "row", "base", "with", "without", "expect"})


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a table."""

    file: str
    name: str
    row: str
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]

    def run(self) -> list[str]:
        """What is not as expected, in words; nothing when all is."""
        return list(_compare(self.expect, decide(proposal_from(self.facts))))


def tables() -> tuple[Path, ...]:
    """All case tables of the package: each stands next to its rule."""
    return tuple(path for path in sorted(LAW.rglob("*.toml")) if path.with_suffix(".py").exists())


def load(path: Path) -> list[Case]:
    """The cases of one table. Raises `PolicyError` naming the case and what is wrong with it."""
    listed = read_toml(path).get("case", [])
    if not isinstance(listed, list):
        raise PolicyError("Cases are written as [[case]].", field=path.name)
    return [_case(path, number, data) for number, data in enumerate(listed, 1)]


def all_cases() -> list[Case]:
    """Every case of every table."""
    return [case for path in tables() for case in load(path)]


def base(name: str) -> dict[str, Any]:
    """The facts of a named base, ready to be changed."""
    found = _bases().get(name)
    if found is None:
        raise PolicyError(
            f"There is no base {name!r}.", field="base", remedy=f"Known: {', '.join(_bases())}."
        )
    facts = base(found["like"]) if "like" in found else copy.deepcopy(dict(found))
    return change(facts, found.get("with", {}), found.get("without", ())) if "like" in found else facts


def change(facts: dict[str, Any], given: Mapping[str, Any], gone: Any = ()) -> dict[str, Any]:
    """`facts` with the dotted paths of `given` set and those of `gone` removed. "item" is the first item."""
    for path in gone:
        *way, last = path.split(".")
        _walk(facts, way).pop(last, None)
    for path, value in given.items():
        *way, last = path.split(".")
        _walk(facts, way)[last] = value
    return facts


@lru_cache(maxsize=1)
def _bases() -> dict[str, Any]:
    return read_toml(BASES)


def _walk(facts: dict[str, Any], way: list[str]) -> dict[str, Any]:
    place: Any = facts
    for step in way:
        place = place["items"][0] if step == "item" and "items" in place else place.setdefault(step, {})
    return cast(dict[str, Any], place)


def _case(path: Path, number: int, data: Any) -> Case:
    where = f"{path.name}, case {number}"
    wrong = _malformed(data)
    if wrong:
        raise PolicyError(f"A case is not well-formed: {wrong}.", field=where)
    try:
        facts = change(base(data.get("base", "request")), data.get("with", {}), data.get("without", ()))
    except (AttributeError, KeyError, IndexError, TypeError):
        raise PolicyError("A path of `with` or `without` leads nowhere.", field=where) from None
    file = str(path.relative_to(HERE.parent)) if path.is_relative_to(HERE.parent) else str(path)
    return Case(file, data["name"], str(data.get("row", "")), facts, data["expect"])


def _malformed(data: Any) -> str:
    if not isinstance(data, dict):
        return "expected a table"
    unknown = sorted(set(data) - _KNOWN)
    if unknown:
        return f"unknown: {', '.join(unknown)}"
    shaped = isinstance(data.get("name"), str) and isinstance(data.get("expect"), dict) and data["expect"]
    return "" if shaped else "name or expect is missing"


def _compare(expect: Mapping[str, Any], decision: Decision) -> Iterator[str]:
    found = _found(decision)
    for name, wanted in expect.items():
        if name not in found:
            yield f"{name}: no such expectation"
        elif name in ("obligations", "by"):
            missing = sorted(set(wanted) - set(found[name]))
            if missing:
                yield f"{name}: {', '.join(missing)} missing from {', '.join(found[name])}"
        elif wanted != found[name]:
            yield f"{name}: expected {wanted!r}, found {found[name]!r}{_why(decision)}"


def _found(decision: Decision) -> dict[str, Any]:
    act = next(iter(decision.items.values()))
    due = decision.deadline
    return {
        "outcome": str(decision.outcome),
        "ground": act.ground,
        "roles": list(act.roles),
        "route": decision.route,
        "deadline": due.kind if due else "",
        "hours": due.duration.total_seconds() / 3600 if due else 0,
        "clock": due.status if due else "",
        "clarify": list(decision.clarify),
        "obligations": sorted({one.kind for one in act.obligations}),
        "by": sorted({one.rule for one in act.findings}),
    }


def _why(decision: Decision) -> str:
    act = next(iter(decision.items.values()))
    against = [f"{one.rule}: {one.sentence}" for one in act.findings if one.effect in ("deny", "ask")]
    return f" ({'; '.join(against)})" if against else ""
