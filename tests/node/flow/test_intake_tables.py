"""Delimited files as spreadsheets and people write them."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest

from comity.errors import Malformed
from node.flow.intake import MAX_FILE, CaseFile, Intake, Problem, SelectorLine, read_case_file

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEADER = "kind;value;case;legal basis;subject;expiry\n"
GOOD = "phone;+31612345678;NL-1;Wpg 8;suspect;2029-12-31\n"


def read(text: str | bytes, name: str = "case.csv", *, state: str = "nl", **defaults: str) -> Intake:
    data = text.encode() if isinstance(text, str) else text
    return read_case_file(name, data, now=NOW, team_state=state, defaults=defaults)


def refusal(text: str | bytes, name: str = "case.csv") -> Malformed:
    with pytest.raises(Malformed) as caught:
        read(text, name)
    return caught.value


def codes(intake: Intake) -> list[str]:
    return [problem.code for problem in intake.problems]


def only(intake: Intake) -> SelectorLine:
    assert intake.problems == []
    (line,) = intake.records
    return line


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"], ids=["utf-8", "with BOM", "utf-16", "windows"]
)
def test_accents_survive_the_encodings_that_spreadsheets_write(encoding: str) -> None:
    data = ("kind;value;note\nphone;0612345678;Privéhuis één\n").encode(encoding)
    assert only(read(data)).handling_note == "Privéhuis één"


def test_utf_16_in_the_other_byte_order_is_read() -> None:
    data = b"\xfe\xff" + "kind\tvalue\tnote\nphone\t0612345678\tș\n".encode("utf-16-be")
    intake = read(data, "case.txt")
    assert only(intake).handling_note == "ș"
    assert intake.format.encoding == "utf-16-be"
    assert intake.format.delimiter == "\t"


@pytest.mark.parametrize(
    ("state", "page", "text"),
    [
        ("ro", "cp1250", "Bacău, două fete, Dragoş"),
        ("it", "cp1252", "Perché è già lì, città"),
        ("gr", "cp1253", "Αθήνα, δύο κορίτσια στο ξενοδοχείο"),
        ("bg", "cp1251", "София, две момичета в хотела"),
        ("lt", "cp1257", "Vilniaus viešbutis, trys žmonės, mėnuo"),
    ],
)
def test_without_a_mark_the_national_code_page_is_read(state: str, page: str, text: str) -> None:
    data = f"kind;value;note\nphone;+31612345678;{text}\n".encode(page)
    intake = read(data, state=state)
    assert only(intake).handling_note == text
    assert intake.format.guessed
    assert intake.format.encoding == page


def test_a_greek_file_in_another_states_hands_is_still_read_as_greek() -> None:
    text = "Αθήνα, δύο κορίτσια στο ξενοδοχείο"
    data = f"kind;value;note\nphone;+31612345678;{text}\n".encode("cp1253")
    assert only(read(data, state="nl")).handling_note == text


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_understood(mark: str, end: str) -> None:
    text = (HEADER + GOOD + GOOD.replace("NL-1", "NL-2")).replace(";", mark).replace("\n", end)
    intake = read(text)
    assert intake.problems == []
    assert [line.line for line in intake.records] == [2, 3]
    assert intake.format.delimiter == mark


def test_the_delimiter_that_excel_names_in_its_first_line_wins() -> None:
    intake = read("sep=|\nkind|value|note\nphone|0612345678|a;b;c\n")
    assert only(intake).handling_note == "a;b;c"
    assert intake.format.delimiter == "|"


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_breaks() -> None:
    intake = read(
        'kind;value;note\r\nphone;0612345678;"says ""hello"";\r\nand goes"\r\n' + "phone;0612345679;\r\n"
    )
    assert intake.records[0].handling_note == 'says "hello";\r\nand goes'
    assert intake.records[1].line == 4


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    intake = read('kind;value;note\nphone;0612345678;"open\nphone;0612345679;fine\n')
    assert [(p.line, p.code) for p in intake.problems] == [(2, "open-quote")]
    assert [line.display for line in intake.records] == ["0612345679"]


def test_an_endless_row_is_reported_and_the_next_is_read() -> None:
    intake = read("kind;value;note\nphone;0612345678;" + "x" * 70_000 + "\nphone;0612345679;\n")
    assert codes(intake) == ["row-too-long"]
    assert len(intake.records) == 1


def test_a_cell_that_is_too_long_costs_its_line() -> None:
    assert codes(read("kind;value;note\nphone;0612345678;" + "x" * 5_000 + "\n")) == ["too-long"]


def test_a_slipped_row_is_refused_because_nobody_knows_which_cell_slipped() -> None:
    intake = read(HEADER + "phone;+31612345678;NL;1;Wpg 8;suspect;2029-12-31\n" + GOOD)
    assert codes(intake) == ["extra-cells"]
    assert len(intake.records) == 1


def test_empty_cells_rows_and_comments_cost_nothing() -> None:
    intake = read(HEADER + "\n;;;;;;;\n# a comment; with a mark\n" + GOOD.strip() + ";;;;\n\n")
    assert only(intake).line == 5
    assert intake.lines_read == 1


def test_the_header_block_speaks_for_every_line_and_a_cell_overrides_it() -> None:
    block = (
        '#case: NL-7;;\n"#title: Flats; Rotterdam"\n#legal basis: Wpg 8\n#offence: THB\n#max penalty: 12\n'
    )
    intake = read(block + "kind;value;case\nphone;0612345678;\nphone;0612345679;NL-8\n")
    assert intake.problems == []
    assert [line.case_reference for line in intake.records] == ["NL-7", "NL-8"]
    assert [line.offence for line in intake.records] == ["thb", "thb"]
    case = intake.cases[0]
    assert (case.reference, case.title, case.legal_basis) == ("NL-7", "Flats; Rotterdam", "Wpg 8")
    assert case.max_penalty_years == 12


def test_a_fact_of_the_header_block_that_cannot_be_read_refuses_the_file() -> None:
    error = refusal("#origin: Morocco somewhere\n" + HEADER + GOOD)
    assert (error.code, error.field) == ("unknown-state", "origin_state")


def test_case_facts_below_the_header_row_and_unknown_ones_are_pointed_out() -> None:
    intake = read("#herkomst van alles: MA\n" + HEADER + GOOD + "#case: NL-9\n")
    assert codes(intake) == ["unknown-fact", "late-fact"]
    assert all(problem.dropped == "nothing" for problem in intake.problems)


def test_an_unknown_column_is_reported_by_its_number_and_not_read() -> None:
    intake = read("kind;value;favourite colour\nphone;0612345678;red\n")
    (problem,) = intake.problems
    assert (problem.code, problem.dropped) == ("unknown-column", "nothing")
    assert "Column 3" in problem.message
    assert "colour" not in problem.message


@pytest.mark.parametrize(
    ("state", "header", "row"),
    [
        ("nl", "Soort;Waarde;Zaaknummer;Rechtsgrond;Hoedanigheid;Geldig tot", "telefoon;0612345678"),
        ("it", "Tipo;Valore;Fascicolo;Base giuridica;Ruolo;Scadenza", "telefono;3471234567"),
        ("ro", "Tip;Valoare;Număr dosar;Temei legal;Calitate;Expiră", "telefon;0722123456"),
        ("de", "Art;Wert;Aktenzeichen;Rechtsgrundlage;Rolle;Gültig bis", "Handy;015112345678"),
        ("fr", "Type;Valeur;Numéro de dossier;Base légale;Qualité;Valable jusqu'au", "portable;0612345678"),
    ],
)
def test_headings_may_be_in_the_officers_own_language(state: str, header: str, row: str) -> None:
    words = {"nl": "verdachte", "it": "sospettato", "ro": "suspect", "de": "Verdächtiger", "fr": "suspecte"}
    line = only(read(f"{header}\n{row};X-1;law 1;{words[state]};31.12.2029\n", state=state))
    assert line.kind == "phone"
    assert (line.case_reference, line.legal_basis, line.subject_category) == ("X-1", "law 1", "suspect")
    assert line.expiry is not None
    assert line.expiry.isoformat() == "2029-12-31"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "case.csv", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "case.csv", "empty"),
        (b"PK\x03\x04 and so on", "case.csv", "binary"),
        (b"\xd0\xcf\x11\xe0", "case.csv", "binary"),
        (b"kind;value\nphone;" + bytes([0, 1]) * 10, "case.csv", "binary"),
        (b"\xff\xfe\x00\x00", "case.csv", "empty"),
        (b"\xef\xbb\xbfkind;value\n\xff\xff", "case.csv", "binary"),
        (HEADER.encode(), "case.xlsx", "unknown-format"),
        (b"0612345678;NL-1\n", "case.csv", "no-header"),
        (b"# only a comment\n", "case.csv", "no-header"),
        (b"kind;value;kind\nphone;1;2\n", "case.csv", "column-twice"),
        (b"kind;value;item:2(z):x\n", "case.csv", "bad-item-column"),
        (b"kind;value;item:x [colour=red]\n", "case.csv", "bad-item-column"),
    ],
)
def test_an_unusable_file_is_refused_with_the_way_out(data: bytes, name: str, code: str) -> None:
    error = refusal(data, name)
    assert error.code == code
    assert error.remedy


def test_a_file_over_the_limit_is_refused() -> None:
    assert refusal(b"x" * (MAX_FILE + 1)).code == "too-large"


def test_a_default_fills_what_the_file_leaves_open_and_an_unknown_one_is_refused() -> None:
    intake = read("kind;value;handling\nphone;0612345678;\nphone;0612345679;H2\n", handling="H1")
    assert [line.handling for line in intake.records] == ["H1", "H2"]
    with pytest.raises(Malformed, match="default"):
        read(HEADER + GOOD, colour="red")


def test_a_long_file_is_read_in_the_memory_of_a_line() -> None:
    count = 8_000
    rows = "".join(f"transfer;WU {1_000_000_000 + n};suspect\n" for n in range(count))
    data = ("kind;value;subject\n" + rows).encode()
    tracemalloc.start()
    lines = sum(
        not isinstance(found, Problem) for found in CaseFile("long.csv", data, now=NOW, team_state="nl")
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == count
    assert peak < 4 * len(data)
