"""Rules that do not end: stopped where a budget is set, and refused by the linter everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from policy import Action, Finding, Item, Law, Outcome, Proposal, Rule, decide, rules
from policy.budget import STEPS, TooManySteps, limited
from policy.cases import all_cases, base
from policy.codec import proposal_from
from policy.findings import permit
from policy.parameters import Parameters

Body = Callable[[Proposal, Item, Parameters], Any]
FACTS = proposal_from(base("request"))


def a_rule(body: Body) -> Rule:
    start, all_actions = date(2020, 1, 1), frozenset(Action)
    return Rule("loops", "Act, Article 1", start, None, True, all_actions, body, "A rule.", "file.py", "v1")


def for_ever(_facts: Proposal, _item: Item, _law: Parameters) -> Finding:
    while True:
        pass


def deeper(facts: Proposal, item: Item, law: Parameters) -> Finding:
    return deeper(facts, item, law)


def for_long(_facts: Proposal, _item: Item, _law: Parameters) -> Finding:
    for _ in range(10**9):
        pass
    return permit("At last.")


@pytest.mark.parametrize("body", [for_ever, for_long])
def test_a_rule_that_does_not_end_is_stopped_denies_and_raises_an_alarm(body: Body) -> None:
    with limited():
        decision = decide(FACTS, Law([*rules(), a_rule(body)]))
    assert decision.act.outcome is Outcome.DENY
    assert decision.alarms == ("loops",)
    assert any("TooManySteps" in one.sentence for one in decision.act.findings)


def test_a_rule_that_calls_itself_without_end_denies_even_without_a_budget() -> None:
    decision = decide(FACTS, Law([*rules(), a_rule(deeper)]))
    assert decision.act.outcome is Outcome.DENY
    assert decision.alarms == ("loops",)


def test_a_budget_changes_no_decision() -> None:
    for case in all_cases()[::10]:
        facts = proposal_from(case.facts)
        plain = decide(facts)
        with limited():
            assert decide(facts) == plain


def test_a_case_of_the_package_stays_far_below_the_budget() -> None:
    for case in all_cases()[::10]:
        facts = proposal_from(case.facts)
        with limited(STEPS // 4):
            assert decide(facts).alarms == (), case.name


def test_the_tracer_that_was_there_before_is_there_after() -> None:
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError), limited():
        raise ZeroDivisionError
    assert sys.gettrace() is before


def test_the_stop_reaches_code_outside_the_engine_only() -> None:
    def loops() -> None:
        while True:
            pass

    with pytest.raises(TooManySteps), limited(100):
        loops()
    with limited(0):
        assert len(rules()) > 40  # the engine's own work costs nothing
