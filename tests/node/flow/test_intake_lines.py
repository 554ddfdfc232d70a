"""What becomes of one line: kept, kept with something missing, or dropped with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from node.flow.intake import Evaluation, Intake, SelectorLine, read_case_file

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(text: str, *, state: str = "nl") -> Intake:
    return read_case_file("case.csv", text.encode(), now=NOW, team_state=state)


def line(header: str, row: str, *, state: str = "nl") -> SelectorLine:
    intake = read(f"{header}\n{row}\n", state=state)
    assert intake.problems == []
    (found,) = intake.records
    return found


def trouble(header: str, row: str, *, state: str = "nl") -> list[tuple[str, str]]:
    intake = read(f"{header}\n{row}\n", state=state)
    assert intake.records == []
    return [(problem.field, problem.code) for problem in intake.problems]


def test_a_line_that_lacks_what_the_law_asks_for_is_kept_for_the_gate() -> None:
    found = line("kind;value", "phone;0612345678")
    assert found.normal_forms == ("+31612345678",)
    assert found.display == "0612345678"
    assert found.case_reference is None
    assert found.legal_basis is None
    assert found.subject_category is None
    assert found.special is None
    assert found.handling is None
    assert found.expiry is None


def test_a_line_that_names_no_origin_was_obtained_by_the_team_itself() -> None:
    assert line("kind;value", "phone;0612345678").origin_state == "NL"


def test_what_nobody_evaluated_is_x4() -> None:
    assert line("kind;value", "phone;0612345678").evaluation == Evaluation("X4")


def test_all_facts_of_a_full_line_are_read() -> None:
    found = line(
        "kind;value;subject;child;special;origin;consent;handling;note;eval;assessment;expiry;exploitation;"
        "safe house;pap;source;strictly necessary",
        "iban;NL91 ABNA 0417 1643 00;victim;presumed;health, sexual life;MA;no;h3;ask first;B2;ja;31/12/2029;"
        "sexual / LABOUR;nee;PAP:RED;fiu;yes",
    )
    assert found.subject_category == "victim"
    assert found.child == "presumed"
    assert found.special == ("health", "sex_life")
    assert (found.origin_state, found.origin_consent) == ("MA", False)
    assert (found.handling, found.handling_note) == ("H3", "ask first")
    assert found.evaluation == Evaluation("B2", "B2", "4x4")
    assert found.assessment is True
    assert found.expiry == date(2029, 12, 31)
    assert found.exploitation == ("LABOUR", "SEX")
    assert found.safe_house is False
    assert (found.pap, found.source, found.strictly_necessary) == ("RED", "fiu", True)


@pytest.mark.parametrize(
    ("written", "code", "scheme", "suspected_false"),
    [
        ("B2", "B2", "4x4", False),
        ("x4", "X4", "4x4", False),
        ("1A", "B2", "3x5x2", False),
        ("2CP", "X4", "3x5x2", False),
        ("3-D-C", "C4", "3x5x2", False),
        ("1E", "B4", "3x5x2", True),
        ("A11", "A1", "5x5x5", False),
        ("E31", "X3", "5x5x5", False),
        ("B51", "B4", "5x5x5", True),
    ],
)
def test_evaluations_of_other_schemes_are_mapped_and_the_original_is_kept(
    written: str, code: str, scheme: str, suspected_false: bool
) -> None:
    found = line("kind;value;evaluation", f"phone;0612345678;{written}").evaluation
    assert (found.code, found.original, found.scheme) == (code, written, scheme)
    assert found.suspected_false is suspected_false


@pytest.mark.parametrize(
    "written", ["2029-03-31", "31.03.2029", "31/3/2029", "31-03-2029", "2029/03/31", "2029-03-31 00:00:00"]
)
def test_dates_are_read_day_first_or_as_iso(written: str) -> None:
    assert line("kind;value;expiry", f"phone;0612345678;{written}").expiry == date(2029, 3, 31)


@pytest.mark.parametrize(
    "written", ["31.03.29", "03/31/2029", "31 March", "2029-02-30", "31.03.2209", "46000"]
)
def test_a_date_that_would_have_to_be_guessed_is_refused(written: str) -> None:
    assert trouble("kind;value;expiry", f"phone;0612345678;{written}") == [("expiry", "bad-date")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("iban;NL91ABNA0417164301", ("value", "checksum")),
        ("phone;3,16123E+10", ("value", "excel-number")),
        ("phone;3.16123456789E+10", ("value", "excel-number")),
        ("phone;31612345678.0", ("value", "excel-number")),
        ("phone;########", ("value", "excel-error")),
        ("phone;#REF!", ("value", "excel-error")),
        ("phone;=A1+1", ("value", "formula")),
        ("phone;+cmd|' /C calc'!A0", ("value", "formula")),
        ("phone;06123", ("value", "invalid-number")),
        ("unicorn;0612345678", ("kind", "unknown-kind")),
        (";0612345678", ("kind", "no-kind")),
        ("phone;", ("value", "no-value")),
    ],
)
def test_a_malformed_line_is_dropped_and_says_why(row: str, problem: tuple[str, str]) -> None:
    assert trouble("kind;value", row) == [problem]


def test_every_bad_cell_of_a_line_is_named_at_once() -> None:
    found = trouble("kind;value;subject;handling;expiry", "iban;NL91ABNA0417164301;alien;H9;never")
    assert [field for field, _ in found] == ["subject_category", "handling", "expiry", "value"]


def test_a_bad_line_costs_only_itself() -> None:
    intake = read("kind;value\nphone;0612345678\nphone;12\nphone;0612345679\n")
    assert [found.line for found in intake.records] == [2, 4]
    assert intake.lines_read == 3


@pytest.mark.parametrize("secret", ["NL91ABNA0417164301", "alien-secret", "3,16123E+10", "99.99.2029"])
def test_no_problem_repeats_what_a_cell_holds(secret: str) -> None:
    header = "kind;value;subject;expiry;handling;origin;evaluation"
    intake = read(
        f"{header}\niban;{secret};{secret};{secret};{secret};{secret};{secret}\n{secret};{secret}\n"
    )
    assert len(intake.problems) > 4
    assert not any(
        secret in part for problem in intake.problems for part in (problem.message, problem.remedy)
    )


@pytest.mark.parametrize(
    "written",
    [
        "+31612345678",
        "'0612345678",
        '"=""0612345678"""',
        "06\u00a01234\u202f5678",
        "\u200b0612345678",
        "612345678",
    ],
)
def test_marks_that_spreadsheets_leave_on_numbers_do_no_harm(written: str) -> None:
    assert line("kind;value", f"phone;{written}").normal_forms == ("+31612345678",)


def test_an_at_sign_and_a_plus_are_text_not_formulas() -> None:
    found = line("kind;value;note", "handle;telegram:@anna_example;-- @home + away")
    assert found.normal_forms == ("telegram:anna_example",)
    assert found.handling_note == "-- @home + away"


def test_the_region_column_says_whose_notation_a_number_is_in() -> None:
    assert line("kind;value;region", "phone;0722123456;RO").normal_forms == ("+40722123456",)


@pytest.mark.parametrize(
    ("state", "written", "normal"),
    [
        ("ro", "IS 12 ABC", "RO:IS12ABC"),
        ("ro", "B 123 ABC", "RO:B123ABC"),
        ("nl", "RO B-123-ABC", "RO:B123ABC"),
        ("nl", "12-ABC-3", "NL:12ABC3"),
        ("it", "RO: B 123 ABC", "RO:B123ABC"),
        ("be", "NL: 12-ABC-3", "NL:12ABC3"),
    ],
)
def test_a_plate_is_read_as_its_own_states_or_as_the_one_it_names(
    state: str, written: str, normal: str
) -> None:
    assert line("kind;value", f"plate;{written}", state=state).normal_forms == (normal,)


def test_a_plate_that_may_be_two_states_is_refused_rather_than_misread() -> None:
    assert trouble("kind;value", "plate;RO B-123-ABC", state="be") == [("value", "ambiguous-country")]
    assert line("kind;value;region", "plate;B-123-ABC;RO", state="be").normal_forms == ("RO:B123ABC",)


def test_an_alias_that_names_the_chain_holds_the_line_to_it() -> None:
    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert line("kind;value", f"eth;{address}").kind == "wallet"
    assert trouble("kind;value", f"btc;{address}") == [("value", "wrong-chain")]


def test_a_window_of_time_gives_one_normal_form_for_each_hour() -> None:
    found = line("kind;value", "ip;203.0.113.45 2026-10-02T21:40:00+02:00/2026-10-02T23:10:00+02:00")
    assert [form[-3:] for form in found.normal_forms] == ["19Z", "20Z", "21Z"]


def test_item_columns_become_data_items_that_inherit_from_their_line() -> None:
    found = line(
        "kind;value;handling;expiry;special;item:subscriber;item:2(H):e-mail;"
        "item:2(a)(XIV):address [handling=H2 origin=MA consent=no until=2024-06-30 eval=3E special=health]",
        "phone;0612345678;H1;2029-12-31;no;A. Nobody;;Street 1",
    )
    plain, address = found.items
    assert (plain.category, plain.label, plain.value) == ("", "subscriber", "A. Nobody")
    assert (plain.handling, plain.special, plain.origin_state) == ("H1", (), "NL")
    assert plain.retention_until == date(2029, 12, 31)
    assert (address.category, address.handling, address.special) == ("2(a)(xiv)", "H2", ("health",))
    assert (address.origin_state, address.origin_consent) == ("MA", False)
    assert address.retention_until == date(2024, 6, 30)
    assert address.evaluation.suspected_false


def test_another_origin_does_not_inherit_the_lines_consent() -> None:
    found = line("kind;value;origin;consent;item:x [origin=MA]", "phone;0612345678;BE;yes;text")
    assert found.items[0].origin_consent is None


def test_a_damaged_item_is_left_out_and_its_line_stays() -> None:
    intake = read("kind;value;item:2(h):other number\nphone;0612345678;3,1E+10\n")
    assert intake.records[0].items == ()
    assert [(p.code, p.dropped) for p in intake.problems] == [("excel-number", "item")]
