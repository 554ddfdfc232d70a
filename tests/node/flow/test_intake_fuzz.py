"""Whatever the bytes are: records, problems, or one Malformed for the file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Malformed
from node.flow.intake import fingerprint, read_case_file

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NAMES = st.sampled_from(["a.csv", "a.TSV", "a.txt", "a.json", "a.xls", ""])
STATES = st.sampled_from(["nl", "it", "RO", "gr", "bg", "de"])
CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["phone", "iban", "plate", "person", "+31612345678", "B 123 ABC", '"', '""', ";", "\r\n", "="]
    ),
    st.sampled_from(
        ["suspect", "yes", "H3", "MA", "B2", "31.12.2029", "health", "SEX, LABOUR", "'07", "3,1E+10"]
    ),
)
HEADINGS = st.sampled_from(
    [
        "kind",
        "value",
        "subject",
        "expiry",
        "origin",
        "handling",
        "item:a",
        "item:2(h):b [handling=H2]",
        "evaluation",
        "safe house",
        "special",
        "region",
        "exploitation",
        "what",
        "",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["case", "selectors", "kind", "value", "items", "label"]) | HEADINGS, inner
        )
    ),
    max_leaves=8,
)


def survives(name: str, data: bytes, state: str = "nl") -> None:
    refused: Malformed | None = None
    intake = None
    try:
        intake = read_case_file(name, data, now=NOW, team_state=state)
    except Malformed as error:
        refused = error
    if intake is None:
        assert refused
        assert refused.remedy
        return
    for line in intake.records:
        assert line.normal_forms
        assert len(fingerprint(line)) == 32
    assert all(problem.message and problem.remedy and problem.code for problem in intake.problems)


@given(NAMES, st.binary(max_size=300), STATES)
def test_any_bytes_are_read_or_refused(name: str, data: bytes, state: str) -> None:
    survives(name, data, state)


@settings(max_examples=150)
@given(
    st.lists(HEADINGS, min_size=1, max_size=6),
    st.lists(st.lists(CELLS, max_size=7), max_size=5),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
    STATES,
)
def test_any_table_is_read_or_refused(
    header: list[str], rows: list[list[str]], mark: str, encoding: str, state: str
) -> None:
    text = "\n".join(mark.join(row) for row in (["kind", "value", *header], *rows))
    survives("a.csv", text.encode(encoding, "replace"), state)


@given(JSON)
def test_any_json_is_read_or_refused(document: object) -> None:
    survives("a.json", json.dumps(document).encode())


@given(st.lists(st.dictionaries(HEADINGS, JSON, max_size=4), max_size=3))
def test_any_selectors_are_read_or_refused(selectors: list[object]) -> None:
    survives("a.json", json.dumps({"selectors": selectors}).encode())


@pytest.mark.parametrize("state", ["", "XX", "Netherlands"])
def test_a_team_without_a_state_is_refused(state: str) -> None:
    with pytest.raises(Malformed):
        read_case_file("a.csv", b"kind;value\n", now=NOW, team_state=state)
