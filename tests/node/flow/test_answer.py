"""From a decision to exactly what would leave: the same inputs give the same bytes, and any change shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.v1 import delivery_pb2
from node.flow.answer import Held, Leaving, compose, disclosure_id, minimised, not_available, wanted
from node.flow.facts import policy_item
from policy import Action, Decision, Hit, Item, Offence, Party, Proposal, Request, decide

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "kind": "information",
    "category": "2(a)(i)",
    "subject_category": "suspect",
    "child": "no",
    "special": [],
    "origin_state": "ro",
    "handling": "H0",
    "evaluation": "A1",
    "assessment": False,
    "defect": "",
    "retention_until": "2029-12-31",
    "safe_house": False,
    "exposes": [],
    "held": "direct",
    "source": "own",
    "personal": True,
}
OPEN = Held("item-1", "2(a)(i)", "subscriber", "Marius", FACTS)
OTHER = Held("item-2", "2(g)", "contacts", "Sister", {**FACTS, "category": "2(g)"})
HEALTH = Held("item-3", "4(c)", "health", "asthma", {**FACTS, "category": "4(c)", "special": ["health"]})
HELD = (OPEN, OTHER, HEALTH)


def item(one: Held) -> Item:
    return policy_item(one.id, one.facts, from_hit=True)


def decided(held: Sequence[Held] = HELD) -> Decision:
    """What the law says of these items after an urgent request."""
    return decide(
        Proposal(
            action=Action.DISCLOSE,
            now=NOW,
            provider=Party(team="ro", state="ro", kind="member_state", authority="SPOC"),
            requester=Party(team="nl", state="nl", kind="member_state", authority="SPOC"),
            request=Request(
                instrument="2023/977",
                purpose="thb",
                legal_basis="national act",
                case_reference="NL-1",
                facts="recruitment",
                link="used by a suspect",
                available_because="hit",
                urgency_ground="U2",
                urgency_reasons="tonight",
                access="direct",
                use="intel",
                via_spoc=True,
                channel="comity",
                exception_channel="b",
                received_at=NOW,
            ),
            items=tuple(item(one) for one in held),
            case_reference="case",
            legal_basis="national act",
            purpose="thb",
            offence=Offence(code="thb", exploitation="SEX"),
            hit=Hit(id="00" * 16, reviewed=True, reviewed_by="officer", automated_measure=False),
            national="ro",
        )
    )


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decided()


def composed(decision: Decision, **changed: Any) -> Leaving:
    arguments: dict[str, Any] = {
        "request": bytes(16),
        "disclosure": b"\x01" * 16,
        "addressee": "nl",
        "route": "comity",
        "purpose": "thb",
        "held": HELD,
        "decision": decision,
        "dropped": [],
        "asked": ["2(a)", "2(g)", "4(c)"],
    }
    return compose(**{**arguments, **changed})


def test_only_what_the_law_permits_leaves(decision: Decision) -> None:
    leaving = composed(decision)
    content = delivery_pb2.DisclosureContent.FromString(leaving.content)
    assert [one.item for one in content.items] == ["item-1", "item-2"] == sorted(leaving.kept)
    assert b"asthma" not in leaving.content
    assert [one.category for one in leaving.refused] == ["4(c)"]


def test_the_order_in_which_items_are_held_does_not_matter(decision: Decision) -> None:
    assert composed(decision)[:4] == composed(decision, held=tuple(reversed(HELD)))[:4]


@pytest.mark.parametrize(
    "changed",
    [
        {"request": b"\x02" * 16},
        {"disclosure": b"\x02" * 16},
        {"addressee": "it"},
        {"route": "siena"},
        {"purpose": "other"},
        {"dropped": ["item-2"]},
        {"held": (OPEN._replace(value="Marin"), OTHER, HEALTH)},
        {"held": (OPEN._replace(label="keeper"), OTHER, HEALTH)},
        {"held": (OPEN._replace(facts={**FACTS, "handling": "H2"}), OTHER, HEALTH)},
        {"held": (OPEN, OTHER)},
    ],
)
def test_whatever_changes_changes_the_digest_that_officers_sign(
    decision: Decision, changed: dict[str, Any]
) -> None:
    assert composed(decision, **changed).approval_digest != composed(decision).approval_digest


def test_what_an_officer_leaves_out_is_not_called_refused_by_law(decision: Decision) -> None:
    leaving = composed(decision, dropped=["item-1"])
    assert leaving.kept == ["item-2"]
    left_out, refused = leaving.refused
    assert left_out == minimised("2(a)")
    assert (refused.category, refused.ground) == ("4(c)", composed(decision).refused[0].ground)


def test_who_asks_for_everything_reads_grounds_and_no_categories(decision: Decision) -> None:
    assert {one.category for one in composed(decision, asked=["*"]).refused} == {"*"}


def test_an_item_that_the_decision_does_not_know_stays(decision: Decision) -> None:
    stranger = OPEN._replace(id="item-9")
    assert composed(decision, held=(stranger,)).kept == []


def test_what_was_asked_and_is_not_held_is_not_available(decision: Decision) -> None:
    leaving = composed(decision, asked=["2(d)(i)", "2(a)"], held=(OPEN,))
    assert list(leaving.refused) == [not_available("2(d)(i)")]


def test_every_item_carries_its_conditions_and_its_article(decision: Decision) -> None:
    content = delivery_pb2.DisclosureContent.FromString(composed(decision).content)
    for one in content.items:
        assert one.article
        assert one.conditions.purpose == "thb"
        assert one.conditions.origin == "RO"
        assert not one.conditions.evidence_use
        until = datetime.fromtimestamp(one.conditions.retention_until_ms / 1000, UTC)
        assert until.date() == date(2029, 12, 31)


@given(
    kept=st.lists(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1), unique=True),
    attempt=st.integers(0, 9),
)
def test_a_disclosure_is_named_by_what_it_holds_and_not_by_the_order(kept: list[str], attempt: int) -> None:
    name = disclosure_id(bytes(16), "decision", kept, attempt)
    assert name == disclosure_id(bytes(16), "decision", list(reversed(kept)), attempt)
    assert name != disclosure_id(bytes(16), "decision", [*kept, "one more"], attempt)
    assert name != disclosure_id(bytes(16), "decision", kept, attempt + 1)
    assert name != disclosure_id(bytes(16), "another", kept, attempt)


@pytest.mark.parametrize(
    ("category", "asked", "expected"),
    [
        ("2(a)(i)", ["*"], True),
        ("2(a)(i)", ["2(a)(i)"], True),
        ("2(a)(i)", ["2(a)"], True),
        ("2(a)(i)", ["2"], True),
        ("2(a)", ["2(a)(i)"], False),
        ("2(a)(ii)", ["2(a)(i)"], False),
        ("4(c)", [], False),
    ],
)
def test_a_category_is_asked_for_by_itself_or_by_a_parent(
    category: str, asked: list[str], expected: bool
) -> None:
    assert wanted(category, asked) is expected
