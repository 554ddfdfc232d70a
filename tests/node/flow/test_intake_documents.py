"""JSON case files."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from comity.errors import Malformed
from node.flow.intake import Intake, read_case_file

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PHONE = {"kind": "phone", "value": "0612345678"}


def read(document: Any) -> Intake:
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, indent=1)
    return read_case_file("case.json", text.encode(), now=NOW, team_state="nl")


def test_the_case_speaks_for_all_its_selectors() -> None:
    intake = read(
        {
            "case": {"reference": "NL-7", "title": "Flats", "legal_basis": "Wpg 8", "max_penalty": 12},
            "selectors": [PHONE, {**PHONE, "value": "0612345679", "case": "NL-8"}],
        }
    )
    assert intake.problems == []
    assert [line.case_reference for line in intake.records] == ["NL-7", "NL-8"]
    assert [line.legal_basis for line in intake.records] == ["Wpg 8", "Wpg 8"]
    assert [case.reference for case in intake.cases] == ["NL-7", "NL-8"]
    assert intake.cases[0].max_penalty_years == 12


def test_a_list_of_cases_keeps_them_apart() -> None:
    intake = read([{"case": "A-1", "selectors": [PHONE]}, {"case": {}, "selectors": [PHONE]}])
    assert [line.case_reference for line in intake.records] == ["A-1", None]


def test_items_carry_their_own_facts() -> None:
    item = {
        "category": "2(a)(xiv)",
        "label": "address",
        "value": "Street 1",
        "special": ["health"],
        "origin": "MA",
        "consent": False,
        "until": "2024-06-30",
        "defect": "outdated",
        "judicial": "pending",
        "exposes": ["informant"],
    }
    (found,) = read({"selectors": [{**PHONE, "items": [item]}]}).records[0].items
    assert (found.category, found.label, found.value) == ("2(a)(xiv)", "address", "Street 1")
    assert (found.special, found.origin_state, found.origin_consent) == (("health",), "MA", False)
    assert found.retention_until == date(2024, 6, 30)
    assert (found.defect, found.judicial, found.exposes) == ("outdated", "pending", ("informant",))


def test_a_selector_is_reported_by_the_line_where_it_begins() -> None:
    intake = read('{"selectors": [\n{"kind": "phone",\n "value": "1"},\n\n{"kind": "phone", "value": "2"}]}')
    assert [problem.line for problem in intake.problems] == [2, 5]


def test_numbers_keep_the_digits_that_were_written() -> None:
    (problem,) = read('{"selectors": [{"kind": "phone", "value": 3.1e+10}]}').problems
    assert problem.code == "excel-number"
    assert read('{"selectors": [{"kind": "mtcn", "value": 4827193305}]}').records[0].display == "4827193305"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"selectors": [}', "line 1, column 16"),
        ('{"selectors": [\n {"kind" "phone"}]}', "line 2, column 10"),
        ('{"selectors": []} x', "line 1, column 19"),
        ('{"selectors": [], "more": 1}', "line 1, column 26"),
        ('{"selectors": 1}', "line 1"),
        ('{"case": "x"}', "line 1"),
        ('"text"', "line 1, column 1"),
        ('[{"selectors": []}, 1]', "line 1, column 21"),
    ],
)
def test_an_error_in_the_json_names_line_and_column(text: str, where: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.code == "bad-json"
    assert where in caught.value.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"selectors": [{"kind": "phone", "kind": "iban", "value": "x"}]}', "key-twice"),
        ('{"selectors": [{"kind": "phone", "value": NaN}]}', "bad-json"),
        ('{"selectors": ' + "[" * 100_000, "bad-json"),
        ('{"case": true, "selectors": []}', "bad-json"),
        ('{"case": {"favourite": "red"}, "selectors": []}', "unknown-field"),
        ('{"case": {"origin": "Morocco"}, "selectors": []}', "unknown-state"),
        ('{"case": {"title": {"en": "x"}}, "selectors": []}', "not-text"),
    ],
)
def test_what_would_have_to_be_guessed_refuses_the_file(text: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("selector", "code"),
    [
        (7, "not-an-object"),
        ({**PHONE, "colour": "red"}, "unknown-field"),
        ({**PHONE, "note": {"a": 1}}, "not-text"),
        ({**PHONE, "items": {}}, "bad-items"),
        ({**PHONE, "note": "\ud800"}, "unprintable"),
        ({**PHONE, "note": "a\u0000b"}, "unprintable"),
    ],
)
def test_a_broken_selector_costs_only_itself(selector: object, code: str) -> None:
    intake = read(json.dumps({"selectors": [selector, PHONE]}))
    assert [problem.code for problem in intake.problems] == [code]
    assert len(intake.records) == 1


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"label": "x", "value": "y", "category": "9(z)"}, "unknown-category"),
        ({"value": "y"}, "no-label"),
        ({"label": "x", "value": "y", "colour": "red"}, "unknown-field"),
        ({"label": "x", "value": "y", "handling": "H9"}, "unknown-word"),
    ],
)
def test_a_broken_item_is_left_out_and_its_line_stays(item: dict[str, str], code: str) -> None:
    intake = read({"selectors": [{**PHONE, "items": [item, {"label": "z", "value": "z"}]}]})
    assert [(problem.code, problem.dropped) for problem in intake.problems] == [(code, "item")]
    assert [kept.label for kept in intake.records[0].items] == ["z"]
