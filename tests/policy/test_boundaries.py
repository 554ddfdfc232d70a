"""The edges of the law: one day before and after each date, one year and a day, and whole grids of words.

What a grid expects stands here, written from the text of the acts, and not in the parameters it tests.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy import Action, Decision, Rule, decide, law, rules
from policy.cases import base, change
from policy.codec import proposal_from

DAY = timedelta(days=1)


def judged(name: str, **given: Any) -> Decision:
    """The decision on a base with some facts changed; `__` stands for a dot."""
    return decide(proposal_from(change(base(name), {k.replace("__", "."): v for k, v in given.items()})))


def outcome(name: str, **given: Any) -> str:
    return str(judged(name, **given).act.outcome)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


# Days on which rules begin and end.


@pytest.mark.parametrize("rule", rules(), ids=[one.id for one in rules()])
def test_a_rule_is_asked_from_its_first_day_to_its_last(rule: Rule) -> None:
    action = sorted(rule.applies)[0]

    def asked(day: date) -> bool:
        return rule.id in law().asked(action, day)[1]

    assert asked(rule.in_force)
    assert not asked(rule.in_force - DAY)
    if rule.until is not None:
        assert asked(rule.until)
        assert not asked(rule.until + DAY)


ADEQUATE_UNTIL = date(2031, 12, 27)
EDGES: list[tuple[str, str, dict[str, Any], date, str, str]] = [
    # what ends or begins, base, facts, the last day of the old state, outcome on it, outcome the day after
    (
        "adequacy of gb",
        "third_state",
        {"item__retention_until": "2033-01-01"},
        ADEQUATE_UNTIL,
        "PERMIT_OBL",
        "DENY",
    ),
    ("an erasure date", "own_initiative", {}, date(2027, 6, 30), "PERMIT_OBL", "DENY"),
    ("a token's erasure date", "publish", {}, date(2027, 6, 30), "PERMIT", "DENY"),
    (
        "a team's agreement",
        "share_jit",
        {"item__retention_until": "2029-01-01"},
        date(2027, 11, 30),
        "PERMIT_OBL",
        "DENY",
    ),
    ("a team's space", "jit", {}, date(2027, 11, 30), "PERMIT_OBL", "DENY"),
    (
        "the third year after a review at Europol",
        "own_initiative",
        {"item__source": "europol", "item__last_review": "2023-12-24"},
        date(2026, 12, 24),
        "PERMIT_OBL",
        "DENY",
    ),
    ("before e-evidence applied", "e_evidence", {}, date(2026, 8, 17), "DENY", "PERMIT_OBL"),
    (
        "before FIUs exchange under the directive of 2024",
        "between_fius",
        {},
        date(2027, 7, 9),
        "DENY",
        "PERMIT_OBL",
    ),
    ("before information exchange was due", "request", {}, date(2024, 12, 11), "DENY", "PERMIT_OBL"),
    ("before the space of a team had a law", "jit", {}, date(2023, 6, 6), "DENY", "PERMIT_OBL"),
]


@pytest.mark.parametrize("edge", EDGES, ids=[one[0] for one in EDGES])
def test_the_outcome_turns_overnight_and_on_no_other_day(
    edge: tuple[str, str, dict[str, Any], date, str, str],
) -> None:
    _, name, facts, last, before, after = edge
    days = (last - DAY, last, last + DAY, last + 2 * DAY)
    found = [outcome(name, **facts, now=noon(day)) for day in days]
    assert found == [before, before, after, after]


def test_midnight_utc_is_where_a_day_ends() -> None:
    last = datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert outcome("own_initiative", now=last) == "PERMIT_OBL"
    assert outcome("own_initiative", now=last + timedelta(seconds=1)) == "DENY"


# Time limits.

RECEIVED = datetime(2026, 11, 23, 8, tzinfo=UTC)
URGENT = {"request__urgency_ground": "U2", "request__urgency_reasons": "She is to be moved."}
LIMITS: list[tuple[str, dict[str, Any], str, timedelta]] = [
    ("request", {**URGENT}, "answer", timedelta(hours=8)),
    ("request", {**URGENT, "item__held": "indirect"}, "answer", timedelta(days=3)),
    ("request", {}, "answer", timedelta(days=7)),
    ("request", {"item__held": "indirect"}, "answer", timedelta(days=7)),
    ("prum_core", {}, "answer", timedelta(hours=48)),
    ("eio_answer", {}, "receipt", timedelta(days=7)),
    ("eio_answer", {}, "decision", timedelta(days=30)),
    ("eio_answer", {}, "execution", timedelta(days=120)),
    ("eio_answer", {"request__decided_at": "2026-11-25T08:00:00Z"}, "execution", timedelta(days=92)),
    (
        "eio_answer",
        {"request__measure": "provisional", "request__available_here": True},
        "decision",
        timedelta(hours=24),
    ),
    ("e_evidence", {}, "answer", timedelta(days=10)),
    ("e_evidence", {**URGENT}, "answer", timedelta(hours=8)),
]


@pytest.mark.parametrize(("name", "facts", "duty", "period"), LIMITS)
def test_a_time_limit_ends_to_the_second_and_does_not_move_with_the_day_of_asking(
    name: str, facts: dict[str, Any], duty: str, period: timedelta
) -> None:
    second = timedelta(seconds=1)
    for now in (RECEIVED, RECEIVED + period - second, RECEIVED + period, RECEIVED + period + second):
        decision = judged(name, now=now, **facts)
        due = {one.duty: one.due_at for one in decision.act.deadlines}
        assert due[duty] == RECEIVED + period


def test_the_48_hours_start_with_the_later_of_confirmation_and_explanation() -> None:
    late = judged("prum_core", hit__confirmed_at="2026-11-23T08:30:00Z")
    assert late.deadline is not None
    assert late.deadline.due_at == datetime(2026, 11, 25, 8, 30, tzinfo=UTC)


# Penalties: a year, and a year and a day.

A_DAY = 1 / 365
TRAFFIC = {"request__measure": "traffic_data", "request__issued_by": "judge", "offence__code": "drugs"}
SEARCHED = {"request__measure": "search", "request__available_here": True, "refuse_on": ["dual_criminality"]}
PENALTIES: list[tuple[str, str, dict[str, Any], str, float, str, str, str]] = [
    # what, base, facts, fact, years, outcome a day below, at it, a day above
    ("2023/977", "request", {}, "offence__max_penalty_provider", 1, "DENY", "DENY", "PERMIT_OBL"),
    ("faces", "prum_search", {}, "offence__max_penalty_requester", 1, "DENY", "PERMIT_OBL", "PERMIT_OBL"),
    ("records", "prum_records", {}, "offence__max_penalty_requester", 1, "DENY", "PERMIT_OBL", "PERMIT_OBL"),
    (
        "traffic",
        "e_evidence",
        TRAFFIC,
        "offence__max_penalty_requester",
        3,
        "DENY",
        "PERMIT_OBL",
        "PERMIT_OBL",
    ),
    ("Annex D", "eio_answer", SEARCHED, "offence__max_penalty_requester", 3, "DENY", "APPROVE", "APPROVE"),
]


@pytest.mark.parametrize("penalty", PENALTIES, ids=[one[0] for one in PENALTIES])
def test_a_day_more_or_less_of_penalty_decides(
    penalty: tuple[str, str, dict[str, Any], str, float, str, str, str],
) -> None:
    _, name, facts, fact, years, *expected = penalty
    found = [outcome(name, **facts, **{fact: value}) for value in (years - A_DAY, years * 1.0, years + A_DAY)]
    assert found == expected


# Annex II.B: every subject with every category.

CATEGORIES = [
    "2(a)",
    "2(b)",
    "2(b)(ii)",
    "2(c)(i)",
    "2(c)(ii)",
    "2(c)(iii)",
    "2(c)(iv)",
    "2(c)(v)",
    "2(d)",
    "2(e)(i)",
    "2(f)(ii)",
    "2(g)",
    "2(h)",
    "2(i)",
    "2(j)(viii)",
    "2(k)",
    "2(l)",
    "3",
    "4",
    "5",
    "6",
    "9(z)",
]
ALL_OF_2 = frozenset(one for one in CATEGORIES if one.startswith("2("))
PERSONAL = frozenset(["2(a)", "2(b)", "2(b)(ii)", "2(c)(i)", "2(c)(ii)", "2(c)(iii)"])
NONE: frozenset[str] = frozenset()
ANNEX: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # subject: always, and only as far as the person's role needs it
    "suspect": (ALL_OF_2, NONE),
    "about_to": (ALL_OF_2, NONE),
    "convicted": (ALL_OF_2, NONE),
    "contact": (frozenset({"3"}), ALL_OF_2),
    "associate": (frozenset({"3"}), ALL_OF_2),
    "victim": (PERSONAL | {"4"}, ALL_OF_2 - PERSONAL),
    "witness": (PERSONAL | {"5"}, ALL_OF_2 - PERSONAL),
    "informant": (PERSONAL | {"6"}, NONE),
    "missing": (NONE, NONE),
    "unknown": (NONE, NONE),
}
GRID = [(subject, category) for subject in ANNEX for category in CATEGORIES]


def annex_says(subject: str, category: str, necessary: bool | None) -> str:
    facts = {"item__subject_category": subject, "item__category": category, "item__kind": "note"}
    decision = judged("own_initiative", **facts, item__strictly_necessary=necessary)
    spoken = [one for one in decision.act.findings if one.rule == "ie977-10-annex-ii-b"]
    return spoken[0].ground_code if spoken else "open"


@pytest.mark.parametrize(("subject", "category"), GRID)
def test_each_subject_has_the_categories_of_the_annex_and_no_others(subject: str, category: str) -> None:
    always, by_role = ANNEX[subject]
    found = [annex_says(subject, category, necessary) for necessary in (True, None, False)]
    if category in always:
        assert found == ["open", "open", "open"]
    elif category in by_role:
        assert found == ["open", "facts-missing", "6.1.d"]
    else:
        assert found == ["6.1.d", "6.1.d", "6.1.d"]


# Handling codes: every code with every use.

OWN: dict[str, Any] = {}
ASKED_FOR = {"item__origin_state": "ro"}
CONSENTED = {"item__origin_state": "ro", "item__origin_consent": True}
REFUSED = {"item__origin_state": "ro", "item__origin_consent": False}
EVIDENCE = {"request__use": "evidence"}
USES: dict[str, tuple[str, dict[str, Any]]] = {
    "intelligence": ("request", OWN),
    "evidence": ("request", EVIDENCE),
    "another's, consented, as intelligence": ("request", CONSENTED),
    "another's, consented, as evidence": ("request", CONSENTED | EVIDENCE),
    "another's, not asked, unasked": ("own_initiative", ASKED_FOR),
    "another's, not asked, on request": ("request", ASKED_FOR),
    "another's, refused": ("own_initiative", REFUSED),
    "unasked": ("own_initiative", OWN),
    "in a team": ("share_jit", OWN),
    "a token": ("publish", OWN),
    "another's token, consented": ("publish", CONSENTED),
    "another's token, not asked": ("publish", ASKED_FOR),
    "a notice": ("notify", OWN),
}
LO, PROS, ORIG = "R-LO", "R-PROS", "R-ORIG"
Expected = tuple[str, tuple[str, ...]]
GO: Expected = ("PERMIT_OBL", (LO,))
TOKEN: Expected = ("PERMIT", ())
NO: Expected = ("DENY", ())
WAITS: Expected = ("APPROVE", (LO,))
COURT: Expected = ("APPROVE", (LO, PROS))
CONSENT: Expected = ("APPROVE", (LO, ORIG))
BOUND: Expected = ("PERMIT_OBL", ())
CODES = ("H0", "H1", "H2", "H3", None)
HANDLED: dict[str, tuple[Expected, ...]] = {
    # use: with H0, H1, H2, H3 and without any code
    "intelligence": (GO, GO, GO, WAITS, NO),
    "evidence": (COURT, COURT, COURT, COURT, NO),
    "another's, consented, as intelligence": (GO, GO, GO, WAITS, NO),
    "another's, consented, as evidence": (COURT, ("APPROVE", (LO, ORIG, PROS)), COURT, COURT, NO),
    "another's, not asked, unasked": (CONSENT, CONSENT, CONSENT, CONSENT, NO),
    "another's, not asked, on request": (NO, NO, NO, NO, NO),
    "another's, refused": (NO, NO, NO, NO, NO),
    "unasked": (GO, GO, GO, WAITS, NO),
    "in a team": (GO, GO, GO, WAITS, NO),
    "a token": (TOKEN, TOKEN, TOKEN, NO, NO),
    "another's token, consented": (BOUND, BOUND, BOUND, NO, NO),
    "another's token, not asked": (NO, NO, NO, NO, NO),
    "a notice": (BOUND, BOUND, BOUND, NO, NO),
}


@pytest.mark.parametrize("place", range(len(CODES)), ids=[code or "none" for code in CODES])
@pytest.mark.parametrize("use", USES)
def test_each_handling_code_opens_the_uses_that_it_allows(use: str, place: int) -> None:
    name, facts = USES[use]
    one = judged(name, **facts, item__handling=CODES[place], item__handling_note="Call first.").act
    assert (str(one.outcome), one.roles) == HANDLED[use][place]


MARKS = {"H1": "no-judicial-use", "H2": "no-onward", "H3": "handling-note"}


@pytest.mark.parametrize(("code", "mark"), MARKS.items())
def test_a_code_travels_with_what_it_restricts(code: str, mark: str) -> None:
    one = judged("request", item__handling=code, item__handling_note="Call first.").act
    assert mark in {duty.kind for duty in one.obligations}


def test_every_action_is_judged_at_some_edge() -> None:
    """So that this file does not quietly stop short of an action."""
    names = {"request", "publish", "notify", "share_jit", "jit", "prum_search", "e_evidence", "lead"}
    assert {proposal_from(base(name)).action for name in names} == set(Action)
