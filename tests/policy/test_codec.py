"""Reading facts: strict, and every error names its field."""

from __future__ import annotations

from typing import Any

import pytest

from policy import Decision, PolicyError, decide
from policy.cases import base, change
from policy.codec import proposal_from

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown fact": ({"item.subject": "suspect"}, "items[0].subject"),
    "an unknown word": ({"item.subject_category": "bystander"}, "items[0].subject_category"),
    "an unknown action": ({"action": "sell"}, "action"),
    "text for a truth": ({"item.assessment": "no"}, "items[0].assessment"),
    "a number for a text": ({"case_reference": 7}, "case_reference"),
    "a text for a list": ({"item.special": "health"}, "items[0].special"),
    "a number in a list": ({"item.special": [7]}, "items[0].special[0]"),
    "a date that is none": ({"item.retention_until": "soon"}, "items[0].retention_until"),
    "a moment for a day": ({"item.retention_until": "2026-01-01T00:00:00Z"}, "items[0].retention_until"),
    "a time without zone": ({"now": "2026-11-23T09:00:00"}, "now"),
    "a number for a time": ({"now": 7}, "now"),
    "a text for a table": ({"offence": "thb"}, "offence"),
    "a truth for years": ({"offence.max_penalty_provider": True}, "offence.max_penalty_provider"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_refused_and_its_field_named(name: str) -> None:
    given, field = WRONG[name]
    with pytest.raises(PolicyError) as caught:
        proposal_from(change(base("request"), given))
    assert caught.value.field == field
    assert caught.value.as_dict()["code"] == "malformed"


@pytest.mark.parametrize("field", ["action", "now", "provider", "requester"])
def test_a_fact_without_which_there_is_no_proposal_is_named(field: str) -> None:
    facts = base("request")
    del facts[field]
    with pytest.raises(PolicyError) as caught:
        proposal_from(facts)
    assert (caught.value.code, caught.value.field) == ("missing", field)


def test_whole_years_are_years() -> None:
    facts = proposal_from(change(base("request"), {"offence.max_penalty_provider": 10}))
    assert facts.offence is not None
    assert facts.offence.max_penalty_provider == 10.0


def test_a_damaged_decision_is_refused() -> None:
    stored = decide(proposal_from(base("request"))).to_dict()
    damages: list[dict[str, Any]] = [{"format": "other"}, {"items": 7}, {"deadline": {"kind": 1}}]
    for damage in [*damages, {"items": {"phone": {}}}]:
        with pytest.raises(PolicyError):
            Decision.from_dict({**stored, **damage})
