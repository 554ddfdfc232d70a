"""Every case of every table, and every rule heard in its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.cases import Case, all_cases, load, tables
from policy.codec import proposal_from
from policy.engine import decide
from policy.rules import Rule, rules

CASES = all_cases()


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
