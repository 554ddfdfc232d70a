"""What commands print: words without control characters, exit codes that mean something."""

from __future__ import annotations

import json

import pytest
import typer

from comity.errors import ComityError, Conflict, Malformed, Unavailable
from node.cli.output import exit_code, reported, say, spoken
from node.cli.sheet import show_sheet


@pytest.mark.parametrize(
    ("error", "code"),
    [(Malformed("x"), 2), (Unavailable("x"), 3), (Conflict("x"), 1), (ComityError("x"), 1)],
)
def test_exit_codes_say_whose_fault_it_is(error: ComityError, code: int) -> None:
    assert exit_code(error) == code


def test_what_a_peer_wrote_cannot_move_the_cursor() -> None:
    assert spoken("a\x1b[2Jb\u202ec\nd") == "a\ufffd[2Jb\ufffdc\nd"


def test_markup_in_a_value_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    say([{"title": "[red]x[/red]"}], as_json=False)
    assert "[red]x[/red]" in capsys.readouterr().out


def test_a_pipe_gets_long_values_whole_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say({"value": "x" * 500}, as_json=False)
    assert "x" * 500 in capsys.readouterr().out


def test_an_unexpected_error_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, reported(as_json=True):
        raise ValueError("+31612345678")
    told = json.loads(capsys.readouterr().out)["error"]
    assert (ended.value.exit_code, told["code"]) == (1, "internal")
    assert "+31612345678" not in told["message"]


def test_the_sheet_shows_what_leaves_before_the_law_and_who_signs_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leaving = {"item": "i-1", "category": "2(a)(i)", "label": "subscriber", "value": "A. Example"}
    staying = {
        "item": "i-2",
        "category": "4(c)",
        "label": "health",
        "reason": "Not necessary.",
        "article": "10",
    }
    duty = "  Obligation: Log it."
    sheet = {
        "request": "r",
        "requester": "nl",
        "requester_officer": "nl-1",
        "due_at": None,
        "deadline": "",
        "disclosure": "d",
        "decision": "e",
        "outcome": "PERMIT_OBL",
        "route": "comity",
        "leaves": [{**leaving, "handling": "H1", "evaluation": "B2", "article": "5(1)"}],
        "stays": [{**staying, "way_out": "Show why."}],
        "requester_reads": [{"category": "4(c)", "ground": "Special.", "way_out": "Ask again."}],
        "roles": ["R-LO"],
        "missing": [],
        "explained": ["it to nl: disclose.", "Item i-1 may be done.", "  Basis: x.", duty, "Item i-3.", duty],
        "digest": "ab" * 32,
    }
    show_sheet(sheet, as_json=False)
    output = capsys.readouterr().out
    marks = [
        "A. Example",
        "asked by nl-1",
        "with obligations",
        "Log it.",
        "Not necessary.",
        "Ask again.",
        "ab" * 32,
    ]
    assert sorted(marks, key=output.index) == marks
    assert (output.count("Log it."), "Basis" in output) == (1, False)
    show_sheet(sheet, as_json=False, why=True)
    assert "Basis: x." in capsys.readouterr().out
