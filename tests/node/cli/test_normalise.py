"""`comity normalise`: values in, one JSON line each out, whatever the lines hold."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from typer.testing import CliRunner

from node.cli.comity import app
from node.cli.normalise import answers
from tests.node.cli.commands import process


def _lines(data: bytes, *arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["normalise", *arguments], input=data)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_value_becomes_its_normal_form() -> None:
    assert _lines(b"06 1234 5678\n", "phone", "--region", "NL") == [
        {"input": "06 1234 5678", "ok": True, "normal_form": "+31612345678"}
    ]


def test_a_bad_line_costs_only_itself_and_says_what_helps() -> None:
    bad, good = _lines(b"0612345678\n+31612345678\n", "phone")
    assert (bad["ok"], set(bad)) == (False, {"input", "ok", "error", "remedy"})
    assert "region" in bad["remedy"]
    assert good["normal_form"] == "+31612345678"


def test_bytes_that_are_not_utf_8_are_a_bad_line() -> None:
    bad, good = _lines(b"\xff\xfe\n+31612345678\n", "phone")
    assert (bad["ok"], bad["remedy"]) == (False, "Save the file as UTF-8")
    assert good["ok"] is True


def test_every_line_is_answered_also_the_empty_one_and_the_last_without_an_end() -> None:
    found = _lines(b"\n+31612345678\r\n+31612345679", "phone")
    assert [each["ok"] for each in found] == [False, True, True]
    assert found[1]["input"] == "+31612345678"


def test_control_characters_and_line_separators_stay_inside_one_line() -> None:
    value = "a\u2028b\x00c\td\u0085e"
    (found,) = _lines(value.encode() + b"\n", "email")
    assert (found["input"], found["ok"]) == (value, False)


def test_an_alias_says_more_than_its_kind() -> None:
    ethereum = b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
    assert _lines(ethereum, "wallet")[0]["ok"] is True
    assert _lines(ethereum, "btc")[0]["ok"] is False


def test_a_value_with_several_normal_forms_shows_all_of_them() -> None:
    line = next(answers("ip", None, [b"203.0.113.7 2026-03-01T11:59:30+01:00/2026-03-01T12:00:30+01:00\n"]))
    found = json.loads(line)
    assert len(found["normal_forms"]) > 1
    assert found["normal_form"] == found["normal_forms"][0]


@pytest.mark.parametrize(
    ("words", "field"), [(["nonsense"], "kind"), (["phone", "--region", "XX"], "region")]
)
def test_an_unknown_kind_or_region_is_bad_usage(words: list[str], field: str) -> None:
    result = CliRunner().invoke(app, ["normalise", *words, "--json"], input="1\n")
    assert result.exit_code == 2
    assert json.loads(result.output)["error"]["field"] == field


def test_whoever_writes_a_line_gets_its_answer_before_the_next() -> None:
    with process("node.cli.comity", "normalise", "phone") as found:
        assert found.stdin is not None
        assert found.stdout is not None
        for number in ("+31612345678", "+31612345679"):
            found.stdin.write(number + "\n")
            found.stdin.flush()
            assert json.loads(found.stdout.readline())["normal_form"] == number
        found.stdin.close()
        assert found.wait(10) == 0


def test_twenty_thousand_lines_take_seconds() -> None:
    lines = (f"user{number}@mail.example\n".encode() for number in range(20_000))
    begun = time.monotonic()
    assert sum(1 for _ in answers("email", None, lines)) == 20_000
    assert time.monotonic() - begun < 20
