"""docs/case-files.md tells the truth: its examples are read, and it names every heading, kind and ending."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comity.selector import KINDS
from node.flow.intake import MAX_FILE, read_case_file
from node.flow.intake.cells import MAX_CELL
from node.flow.intake.columns import FIELDS, field_name
from node.flow.intake.items import MAX_ITEMS
from node.flow.intake.kinds import KIND_WORDS
from node.flow.intake.lines import READERS
from node.flow.intake.rows import MAX_ROW

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEXT = (Path(__file__).parents[3] / "docs" / "case-files.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(csv|json)\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("format_", "text"), EXAMPLES)
def test_every_example_of_the_document_is_read_without_a_problem(format_: str, text: str) -> None:
    intake = read_case_file(f"example.{format_}", text.encode(), now=NOW, team_state="nl")
    assert intake.problems == []
    assert intake.records


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_heading_is_in_the_document(field: str) -> None:
    assert f"`{field}`" in TEXT


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_in_the_document(kind: str) -> None:
    assert f"`{kind}`" in TEXT


def test_the_limits_are_those_of_the_program() -> None:
    limits = (
        f"file {MAX_FILE >> 20} MiB, row {MAX_ROW:,} characters, cell {MAX_CELL:,}, {MAX_ITEMS} data items"
    )
    assert limits in TEXT


def test_every_heading_but_kind_and_value_has_a_reader() -> None:
    assert set(READERS) == FIELDS - {"kind", "value"}


def test_a_national_word_for_a_kind_leads_to_a_kind_and_hides_none() -> None:
    names = {name for kind in KINDS.values() for name in (kind.name, *kind.aliases)}
    assert set(KIND_WORDS.values()) <= set(KINDS)
    assert not {
        word for word, kind in KIND_WORDS.items() if word in names and word not in KINDS[kind].aliases
    }


@pytest.mark.parametrize(
    "word", ["Zaak-nummer", "NUMĂR DOSAR", "numero_caso", " Gültig  bis ", "date_speciale"]
)
def test_the_look_of_a_heading_does_not_matter(word: str) -> None:
    assert field_name(word) is not None


def test_no_word_is_the_heading_of_two_fields() -> None:
    from node.flow.intake.columns import _ALIASES, _key

    words = [(_key(word), field) for field, names in _ALIASES.items() for word in names.split(",")]
    fields: dict[str, set[str]] = {}
    for word, field in words:
        fields.setdefault(word, set()).add(field)
    assert {word: found for word, found in fields.items() if len(found) > 1} == {}
