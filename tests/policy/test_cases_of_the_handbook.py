"""The federation's handbook of decision cases: every row is decided as it says, on the article it names.

The rows stand in `cases/*.toml`, in our own words. Each names its outcome, the articles of the findings that
decide, and what else it says: roles, deadline, obligations, the ground of a refusal, the outcome by item.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from policy import Decision, Finding, decide
from policy.cases import base, change
from policy.codec import proposal_from
from policy.parameters import read_toml

TABLES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES: list[dict[str, Any]] = [case for table in TABLES for case in read_toml(table)["case"]]
ROWS = [
    "1",
    "2",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "12",
    "13",
    "15",
    "17",
    "18",
    "19",
    "21",
    "22",
    "23",
    "24",
    "26",
    "27",
    "28",
    "29",
    "30",
    "32",
    "33",
    "34",
    "35",
    "36",
    "37",
    "39",
    "40",
    "41",
    "43",
    "44",
    "46",
    "47",
    "48",
    "50",
    "51",
    "53",
    "54",
    "55",
    "57",
    "59",
    "60",
    "E2",
    "E3",
    "E5",
    "E7",
    "E8",
    "E11",
    "E12",
    "E13",
    "E14",
    "E16",
    "E17",
    "E19",
    "E20",
    "E22",
]
KNOWN = {"row", "says", "base", "with", "without", "more", "article", "each", "obligations"}
EXACT = {"outcome", "ground", "roles", "route", "deadline", "hours", "clock", "clarify"}


def decided(case: dict[str, Any]) -> Decision:
    """The decision on a row's facts, with its further items."""
    facts = change(base(case.get("base", "request")), case.get("with", {}), case.get("without", ()))
    for other in case.get("more", ()):
        facts["items"].append({**copy.deepcopy(facts["items"][0]), **other})
    return decide(proposal_from(facts))


def deciding(decision: Decision) -> list[Finding]:
    """The findings that decide: of a denial those that refuse, otherwise all that speak."""
    one = next(iter(decision.items.values()))
    return [found for found in one.findings if one.permitted or found.effect in ("deny", "ask")]


def found_in(decision: Decision) -> dict[str, Any]:
    """What a row may state exactly, as the decision has it."""
    one, due = next(iter(decision.items.values())), decision.deadline
    return {
        "outcome": str(decision.outcome),
        "ground": one.ground,
        "roles": list(one.roles),
        "route": decision.route,
        "deadline": due.kind if due else "",
        "hours": due.duration.total_seconds() / 3600 if due else 0,
        "clock": due.status if due else "",
        "clarify": list(decision.clarify),
    }


@pytest.mark.parametrize("case", CASES, ids=[f"{one['row']}: {one['says']}" for one in CASES])
def test_the_row_is_decided_as_the_handbook_says(case: dict[str, Any]) -> None:
    decision = decided(case)
    found = found_in(decision)
    assert {name: found[name] for name in EXACT & set(case)} == {
        name: case[name] for name in EXACT & set(case)
    }
    assert decision.alarms == ()
    kinds = {duty.kind for one in decision.items.values() for duty in one.obligations}
    assert set(case.get("obligations", ())) <= kinds
    outcomes = {name: str(one.outcome) for name, one in decision.items.items()}
    assert outcomes == case.get("each", outcomes)


@pytest.mark.parametrize("case", CASES, ids=[f"{one['row']}: {one['says']}" for one in CASES])
def test_the_row_is_decided_on_the_article_that_the_handbook_names(case: dict[str, Any]) -> None:
    cited = [finding.cites for finding in deciding(decided(case))]
    assert [article for article in case["article"] if not any(article in one for one in cited)] == []


def test_every_row_of_the_handbook_has_a_case() -> None:
    assert {one["row"] for one in CASES} == set(ROWS)


def test_every_case_states_its_outcome_and_its_article_and_nothing_unknown() -> None:
    for case in CASES:
        assert set(case) <= KNOWN | EXACT, case["says"]
        assert case["article"], case["says"]
        assert case["outcome"] != "DENY" or case.get("ground"), case["says"]
        assert case["outcome"] != "APPROVE" or case.get("roles"), case["says"]
