"""docs/protocol/selectors.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from comity.selector import KINDS, PROFILE, normalise

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "protocol" / "selectors.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([a-z]+): .*?\n(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))


def test_the_document_has_one_section_for_each_kind_in_their_order() -> None:
    assert list(SECTIONS) == list(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_the_section_of_a_kind_shows_its_example_and_the_example_is_true(name: str) -> None:
    given, form = KINDS[name].example
    assert f"`{given}` → `{form}`" in SECTIONS[name]
    assert normalise(name, given) == (form,)


def test_the_document_names_the_profile() -> None:
    assert f"`{PROFILE}`" in TEXT


def test_every_code_that_a_vector_expects_is_explained() -> None:
    files = (ROOT / "tests" / "vectors" / "selectors").glob("*.json")
    codes = {
        vector["error"]
        for path in files
        for vector in json.loads(path.read_text("utf-8"))
        if "error" in vector
    }
    assert {code for code in codes if f"`{code}`" not in TEXT} == set()
