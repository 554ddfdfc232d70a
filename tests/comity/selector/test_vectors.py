"""Every published vector of every kind: the input, and its normal forms or the code of the refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.errors import Malformed
from comity.selector import KINDS, normalise, resolve

VECTORS = Path(__file__).parents[2] / "vectors" / "selectors"
FILES = sorted(VECTORS.glob("*.json"))


def _load(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _result(vector: dict[str, Any]) -> list[str] | str:
    try:
        return list(normalise(vector["kind"], vector["input"], region=vector["region"]))
    except Malformed as error:
        return error.code


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_vector_gives_its_normal_forms_or_its_refusal(path: Path) -> None:
    wrong = [
        (vector["kind"], vector["region"], vector["input"], result)
        for vector in _load(path)
        if (result := _result(vector)) != vector.get("normal_forms", vector.get("error"))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_normal_form_of_each_vector_is_its_own_normal_form(path: Path) -> None:
    for vector in _load(path):
        for form in vector.get("normal_forms", ()):
            assert normalise(resolve(vector["kind"]).name, form) == (form,)


def test_every_kind_has_vectors_that_pass_and_vectors_that_fail() -> None:
    assert {path.stem for path in FILES} == set(KINDS)
    for path in FILES:
        vectors = _load(path)
        assert any("normal_forms" in vector for vector in vectors), path.stem
        assert any("error" in vector for vector in vectors), path.stem


def test_every_vector_names_its_origin() -> None:
    assert all(vector["origin"] for path in FILES for vector in _load(path))


def test_every_country_of_the_iban_registry_has_a_vector() -> None:
    countries = {
        vector["normal_forms"][0][:2]
        for vector in _load(VECTORS / "iban.json")
        if vector["origin"].startswith("IBAN registry") and "normal_forms" in vector
    }
    assert len(countries) == 89
