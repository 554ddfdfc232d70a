"""Conditions travel with the item, and merging never loosens them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.envelope import parse
from comity.errors import ComityError, Conflict, Malformed
from comity.handling import Handling, StickyConditions, handling_text, parse_handling
from comity.v1.delivery_pb2 import Conditions
from tests.comity.trust import NOW


def conditions(**changes: Any) -> StickyConditions:
    terms: dict[str, Any] = {
        "purpose": "thb",
        "origin": "IT",
        "handling": frozenset({Handling.H0}),
        "evaluation": "B2",
        "assessment": False,
        "evidence_use": True,
        "onward": True,
        "retention_until": NOW + timedelta(days=90),
        "note": "",
    }
    return StickyConditions(**(terms | changes))


def test_conditions_arrive_as_they_were_set() -> None:
    sent = conditions(handling=parse_handling("H1+H3"), note="do not call the number")
    assert StickyConditions.from_message(sent.to_message()) == sent


def test_h1_bars_judicial_use_and_h2_bars_passing_on() -> None:
    assert conditions().evidence_allowed
    assert conditions().onward_allowed
    assert not conditions(handling=parse_handling("H1")).evidence_allowed
    assert not conditions(handling=parse_handling("H2")).onward_allowed
    assert not conditions(evidence_use=False).evidence_allowed
    assert not conditions(onward=False).onward_allowed
    assert conditions(handling=parse_handling("H1")).onward_allowed


def test_h3_needs_words_and_a_reader() -> None:
    with pytest.raises(Malformed) as refused:
        conditions(handling=parse_handling("H3"))
    assert refused.value.field == "conditions.handling_note"
    assert conditions(handling=parse_handling("H3"), note="ask first").needs_human
    assert not conditions().needs_human


@pytest.mark.parametrize("text", ["", "H4", "h1", "H1,H2", "H1+", "H1+H1", "H1 + H2"])
def test_a_code_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_handling(text)


def test_codes_have_one_written_form_and_a_meaning_in_words() -> None:
    assert handling_text(parse_handling("H2+H1")) == "H1+H2"
    assert handling_text(parse_handling("H1+H0")) == "H1"
    assert handling_text(frozenset()) == "H0"
    assert all(each.meaning for each in Handling)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("conditions.purpose", {"purpose": ""}),
        ("conditions.origin", {"origin": "Italy"}),
        ("conditions.evaluation", {"evaluation": "Z9"}),
    ],
)
def test_conditions_that_make_no_sense_are_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        conditions(**changes)
    assert refused.value.field == field


def test_items_of_different_purposes_or_origins_do_not_merge() -> None:
    with pytest.raises(Conflict):
        conditions().merged(conditions(purpose="other"))
    with pytest.raises(Conflict):
        conditions().merged(conditions(origin="RO"))


some = st.builds(
    conditions,
    handling=st.frozensets(st.sampled_from(Handling)),
    evaluation=st.sampled_from(["", "A1", "B2", "C4", "X3"]),
    assessment=st.booleans(),
    evidence_use=st.booleans(),
    onward=st.booleans(),
    retention_until=st.integers(0, 400).map(lambda days: NOW + timedelta(days=days)),
    note=st.just("ask first"),
)


@given(some, some)
def test_merging_never_loosens_a_condition(one: StickyConditions, other: StickyConditions) -> None:
    both = one.merged(other)
    assert both.evidence_allowed == (one.evidence_allowed and other.evidence_allowed)
    assert both.onward_allowed == (one.onward_allowed and other.onward_allowed)
    assert both.needs_human == (one.needs_human or other.needs_human)
    assert both.retention_until == min(one.retention_until, other.retention_until)
    assert both.assessment == (one.assessment or other.assessment)
    assert both.evaluation in ("", max(one.evaluation[:1], other.evaluation[:1]) + both.evaluation[1:])
    assert both.merged(both) == both
    assert both.handling == other.merged(one).handling


@given(st.binary(max_size=200))
def test_any_bytes_in_place_of_conditions_raise_only_errors_of_the_protocol(data: bytes) -> None:
    try:
        found = StickyConditions.from_message(parse(Conditions, data, "conditions"))
    except ComityError:
        return
    assert found.purpose
