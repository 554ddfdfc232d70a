"""What a liaison officer reads, and its data form, held to the published schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policy import Decision, decide, explain
from policy.cases import all_cases, base, change
from policy.codec import proposal_from
from policy.explain import explanation
from policy.parameters import HERE

SCHEMA = json.loads((HERE / "explain.schema.json").read_text(encoding="utf-8"))
KINDS = {"object": Mapping, "array": list, "string": str, "boolean": bool}
KNOWN = {
    "type",
    "required",
    "properties",
    "items",
    "enum",
    "const",
    "$ref",
    "description",
    "title",
    "$schema",
    "$defs",
}


def against(schema: Mapping[str, Any], value: Any, path: str = "$") -> Iterator[str]:
    """What in `value` is not as the schema says; the words of JSON Schema that ours uses, and no others."""
    assert set(schema) <= KNOWN, path
    if "$ref" in schema:
        yield from against(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, path)
    if "const" in schema and value != schema["const"]:
        yield f"{path}: not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "type" in schema and not isinstance(value, KINDS[schema["type"]]):
        yield f"{path}: no {schema['type']}"
        return
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: missing"
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield from against(part, value[name], f"{path}.{name}")
    for number, part in enumerate(value if "items" in schema else ()):
        yield from against(schema["items"], part, f"{path}[{number}]")


def undescribed(schema: Mapping[str, Any], value: Any, path: str = "$") -> Iterator[str]:
    """Fields of `value` that the schema does not name: what is written is documented."""
    if "$ref" in schema or path == "$.decision":
        return
    if isinstance(value, Mapping):
        yield from (f"{path}.{name}" for name in value if name not in schema["properties"])
        for name, part in schema["properties"].items():
            yield from undescribed(part, value[name], f"{path}.{name}")
    for part in value if isinstance(value, list) and "items" in schema else ():
        yield from undescribed(schema["items"], part, f"{path}[]")


def decided(given: Mapping[str, Any] | None = None, name: str = "request") -> Decision:
    return decide(proposal_from(change(base(name), given or {})))


def test_the_explanation_of_every_case_is_as_the_schema_says_and_says_no_more() -> None:
    for case in all_cases():
        found = json.loads(json.dumps(explanation(decide(proposal_from(case.facts)))))
        assert list(against(SCHEMA, found)) == [], case.name
        assert list(undescribed(SCHEMA, found)) == [], case.name


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"format": "other"}, "$.format: not 'comity-explanation-1'"),
        ({"leaves": {}}, "$.leaves: no array"),
        ({"route": "pigeon"}, "$.route: 'pigeon' is none of ['comity', 'siena', 'none']"),
        ({"question": {}}, "$.question.action: missing"),
        ({"notes": [7]}, "$.notes[0]: no string"),
    ],
)
def test_the_checker_sees_what_is_wrong(damage: Mapping[str, Any], said: str) -> None:
    assert said in against(SCHEMA, {**explanation(decided()), **damage})


def test_it_says_what_leaves_and_what_stays_and_under_which_article() -> None:
    facts = proposal_from(base("request"))
    mixed = decide(replace(facts, items=(*facts.items, replace(facts.items[0], id="old", defect="outdated"))))
    found = explanation(mixed)
    assert [one["item"] for one in found["leaves"]] == ["phone"]
    assert "Directive (EU) 2023/977, Article 5(1)" in found["leaves"][0]["articles"]
    assert [one["item"] for one in found["stays"]] == ["old"]
    assert found["stays"][0]["ground"] == "6.1.e"
    lines = explain(mixed)
    assert any(one.startswith("Leaves: phone, under Directive (EU) 2023/977") for one in lines)
    assert any(one.startswith("Stays: old, under Directive") for one in lines)


def test_it_says_what_of_a_refusal_the_requester_will_read_and_nothing_else() -> None:
    stays = explanation(decided({"item.exposes": ["undercover"]}, "publish"))["stays"][0]
    assert "undercover" in " ".join(stays["because"])
    assert "undercover" not in str(stays["told"])


def test_it_says_by_when_on_which_article() -> None:
    (due,) = explanation(decided())["due"]
    assert due == {
        "duty": "answer",
        "at": "2026-11-30T08:00+00:00",
        "status": "running",
        "article": "Directive (EU) 2023/977, Article 5(1)(c)",
        "items": ["phone"],
    }


def test_it_says_who_must_sign_by_the_title_that_the_member_uses() -> None:
    found = explanation(decided({"national": "nl", "item.kind": "interception"}))
    assert [(one["role"], one["title"]) for one in found["signatures"]] == [
        ("R-JUD", "rechter-commissaris"),
        ("R-LO", "duty officer of the LIRC"),
    ]
    assert "Signs: R-JUD, rechter-commissaris." in explain(
        decided({"national": "nl", "item.kind": "interception"})
    )


MISSING = {
    "item.evaluation": ("R-CO", "nl"),
    "request.facts": ("R-LO", "it"),
    "case_reference": ("R-CO", "nl"),
    "hit.reviewed": ("R-CO", "nl"),
}


@pytest.mark.parametrize("fact", MISSING)
def test_it_says_what_is_missing_and_who_can_supply_it(fact: str) -> None:
    found = explanation(decided({fact: None}))["missing"]
    (one,) = [each for each in found if each["fact"] == fact]
    assert (one["supplied_by"]["role"], one["supplied_by"]["team"]) == MISSING[fact]
    assert one["supplied_by"]["title"]


def test_what_an_asker_did_not_state_the_asker_supplies() -> None:
    found = explanation(decided({"case_reference": None}, "evaluate"))["missing"]
    assert [(one["fact"], one["supplied_by"]["team"]) for one in found] == [("case_reference", "it")]


def test_a_lapsed_entry_is_among_the_notes() -> None:
    found = explanation(
        decided({"now": "2031-12-28T12:00:00Z", "item.retention_until": "2032-01-31"}, "third_state")
    )
    assert any("adequacy.led.gb ended on 2031-12-27" in one for one in found["notes"])


def test_the_schema_stands_in_the_package_beside_the_code() -> None:
    assert Path(HERE / "explain.schema.json").is_file()
    assert SCHEMA["properties"]["format"] == {"const": explanation(decided())["format"]}
