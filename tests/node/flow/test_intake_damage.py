"""A few damaged bytes cost the lines that hold them, and never change how the others are read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.errors import Malformed
from node.flow.intake import read_case_file

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HEAD = "#case: NL-1\nkind;value\n"
GOOD = "person;Müller, Jürgen 1980-02-03\n"


def read(data: bytes) -> tuple[str, list[str], list[int]]:
    intake = read_case_file("m.csv", data, now=NOW, team_state="NL")
    return (
        intake.format.encoding,
        [line.normal_forms[0] for line in intake.records],
        [problem.line for problem in intake.problems if problem.dropped == "line"],
    )


WHOLE = read((HEAD + GOOD).encode())[1]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("damage", [b"\xff", b"\x81", b"\xc3", b"\x00"])
def test_a_damaged_line_is_reported_and_the_good_one_is_read_as_it_is(mark: bytes, damage: bytes) -> None:
    data = mark + HEAD.encode() + GOOD.encode() + b"person;De Boer, A" + damage + b" 1981-02-03\n"
    encoding, kept, dropped = read(data)
    assert encoding == ("utf-8-sig" if mark else "utf-8")
    assert kept == WHOLE
    assert dropped == [4]


def test_a_code_page_is_still_told_from_damaged_utf_8() -> None:
    encoding, kept, dropped = read((HEAD + GOOD).encode("cp1252"))
    assert (encoding, kept, dropped) == ("cp1252", WHOLE, [])


def test_a_file_full_of_zero_bytes_is_no_text() -> None:
    with pytest.raises(Malformed, match="not readable text"):
        read(bytes(4_000) + b"kind;value\n")
