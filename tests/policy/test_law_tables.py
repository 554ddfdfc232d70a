"""Every case of every table, and every rule heard in its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.cases import LAW, Case, all_cases, load, tables
from policy.codec import proposal_from
from policy.engine import decide
from policy.parameters import parameters
from policy.rules import Rule, rules

CASES = all_cases()
MAKERS = ("duty", "_owed")
OBLIGATIONS = parameters(datetime(2026, 11, 23, tzinfo=UTC).date()).table("obligations")["obligation"]


@pytest.mark.parametrize("case", CASES, ids=[f"{Path(one.file).stem}: {one.name}" for one in CASES])
def test_the_law_decides_the_case_as_expected(case: Case) -> None:
    assert case.run() == []


@pytest.mark.parametrize("rule", rules(), ids=[one.id for one in rules()])
def test_each_rule_speaks_in_its_own_table(rule: Rule) -> None:
    table = next(path for path in tables() if str(path.with_suffix(".py")).endswith(rule.file))
    spoken: set[str] = set()
    for case in load(table):
        for item in decide(proposal_from(case.facts)).items.values():
            spoken |= {found.rule for found in item.findings}
    assert rule.id in spoken


def test_no_two_cases_of_one_table_have_one_name() -> None:
    names = [(one.file, one.name) for one in CASES]
    assert len(names) == len(set(names))


def kinds_in_rules() -> Iterator[tuple[str, str]]:
    """Every kind of obligation that a file of law, or the account of a clock, writes out, with the file."""
    for path in (*sorted(LAW.rglob("*.py")), LAW.parent / "deadlines.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS:
                kind = call.args[0]
                if isinstance(kind, ast.Constant):
                    yield str(kind.value), path.name


def test_every_obligation_of_a_rule_is_listed_with_its_meaning() -> None:
    listed = {one["kind"] for one in OBLIGATIONS}
    assert [(kind, file) for kind, file in kinds_in_rules() if kind not in listed] == []


def test_every_obligation_that_is_listed_is_one_of_some_rule() -> None:
    assert {one["kind"] for one in OBLIGATIONS} == {kind for kind, _ in kinds_in_rules()}


def test_every_obligation_says_who_carries_it_out() -> None:
    kinds = [one["kind"] for one in OBLIGATIONS]
    assert len(kinds) == len(set(kinds))
    assert all(one["by"] in ("node", "officer") and one["text"].endswith(".") for one in OBLIGATIONS)


ALWAYS = {"led-25-log"}
"""Rules that have something to say on every proposal of their actions."""


def test_no_rule_speaks_of_everything() -> None:
    """A rule that never stays silent decides nothing: some case of some table passes it by."""
    silent: set[str] = set()
    for case in CASES:
        decision = decide(proposal_from(case.facts))
        spoken = {found.rule for item in decision.items.values() for found in item.findings}
        silent |= decision.rules.keys() - spoken
    assert {rule.id for rule in rules()} - silent == ALWAYS
