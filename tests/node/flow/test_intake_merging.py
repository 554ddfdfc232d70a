"""Lines that repeat a selector, and what makes two imports the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.flow.intake import DataItem, Evaluation, Intake, SelectorLine, fingerprint, identity, read_case_file
from node.flow.intake.merging import merge

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LINE = SelectorLine(2, "phone", ("+31612345678",), "0612345678", case_reference="NL-1", origin_state="NL")


def read(text: str) -> Intake:
    return read_case_file("case.csv", text.encode(), now=NOW, team_state="nl")


def test_the_same_selector_of_the_same_case_is_merged_and_noted() -> None:
    intake = read("kind;value;case;item:a\nphone;0612345678;NL-1;one\nphone;+31 6 12345678;NL-1;two\n")
    (found,) = intake.records
    assert [item.value for item in found.items] == ["one", "two"]
    assert [(p.line, p.code, p.dropped) for p in intake.problems] == [(3, "duplicate", "nothing")]


def test_the_same_selector_of_another_case_is_another_record() -> None:
    intake = read("kind;value;case\nphone;0612345678;NL-1\nphone;0612345678;NL-2\nphone;0612345678;\n")
    assert len(intake.records) == 3
    assert intake.problems == []


def test_two_categories_of_subject_contradict_each_other_and_leave_none() -> None:
    intake = read("kind;value;subject\nphone;0612345678;suspect\nphone;0612345678;victim\n")
    assert intake.records[0].subject_category is None
    assert [(p.code, p.field) for p in intake.problems] == [("contradiction", "subject_category")]


@pytest.mark.parametrize(
    ("field", "one", "other", "kept"),
    [
        ("child", "no", "yes", "yes"),
        ("child", "no", "presumed", "presumed"),
        ("safe_house", False, True, True),
        ("special", (), ("health",), ("health",)),
        ("handling", "H1", "H3", "H3"),
        ("expiry", date(2029, 1, 1), date(2027, 1, 1), date(2027, 1, 1)),
        ("evaluation", Evaluation("A1"), Evaluation("C4"), Evaluation("C4")),
        (
            "evaluation",
            Evaluation("B4", suspected_false=True),
            Evaluation("X4"),
            Evaluation("B4", suspected_false=True),
        ),
        ("assessment", False, True, True),
        ("origin_consent", True, False, False),
        ("origin_consent", True, None, None),
        ("strictly_necessary", True, False, False),
        ("pap", "GREEN", "RED", "RED"),
        ("legal_basis", "law 1", None, "law 1"),
        ("legal_basis", "law 1", "law 2", None),
        ("source", "own", "fiu", None),
    ],
)
def test_merging_keeps_the_careful_value_in_either_order(
    field: str, one: object, other: object, kept: object
) -> None:
    first, second = replace(LINE, **{field: one}), replace(LINE, **{field: other})  # type: ignore[arg-type]
    for merged, differing in (merge(first, second, home="NL"), merge(second, first, home="NL")):
        assert getattr(merged, field) == kept
        assert differing == (field,)


def test_of_two_origins_the_foreign_one_stands_without_consent() -> None:
    own, foreign = LINE, replace(LINE, origin_state="MA", origin_consent=True)
    for first, second in ((own, foreign), (foreign, own)):
        merged, _ = merge(first, second, home="NL")
        assert (merged.origin_state, merged.origin_consent) == ("MA", None)


def test_the_fingerprint_ignores_place_notation_and_order_of_items() -> None:
    items = (DataItem("2(h)", "a", "1"), DataItem("2(h)", "b", "2"))
    one = replace(LINE, items=items)
    other = replace(LINE, line=9, display="+31 6 12 34 56 78", items=items[::-1])
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    "change",
    [
        {"case_reference": "NL-2"},
        {"legal_basis": ""},
        {"safe_house": True},
        {"child": "yes"},
        {"items": (DataItem("", "a", "1"),)},
        {"evaluation": Evaluation("X4", "2C", "3x5x2")},
        {"special": ()},
    ],
)
def test_the_fingerprint_changes_with_every_fact(change: dict[str, object]) -> None:
    assert fingerprint(replace(LINE, **change)) != fingerprint(LINE)  # type: ignore[arg-type]


def test_the_identity_is_that_of_selector_and_case_alone() -> None:
    assert identity(replace(LINE, handling="H2", line=7)) == identity(LINE)
    assert identity(replace(LINE, case_reference=None)) != identity(LINE)
    assert identity(replace(LINE, case_reference="")) != identity(replace(LINE, case_reference=None))


@given(
    st.lists(st.text(max_size=5), min_size=2, max_size=4),
    st.lists(st.text(max_size=5), min_size=2, max_size=4),
)
def test_texts_that_share_their_letters_differently_have_different_fingerprints(
    one: list[str], other: list[str]
) -> None:
    def line_of(texts: list[str]) -> SelectorLine:
        note, *forms = texts
        return replace(LINE, handling_note=note, normal_forms=tuple(forms))

    assert (fingerprint(line_of(one)) == fingerprint(line_of(other))) is (one == other)
