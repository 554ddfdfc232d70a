"""The example cases: they read as their README says, and overlap where the story needs it.

The overlaps are found by comparing normal forms in clear, which no node can do: this is the measure for
what the nodes find on pseudonyms.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from node.flow.intake import Intake, SelectorLine, fingerprint, read_case_file

NOW = datetime(2026, 11, 22, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[3] / "examples"
STORY = tomllib.loads((EXAMPLES / "story.toml").read_text(encoding="utf-8"))
FILES = {team["id"]: team["files"] for team in STORY["team"]}


@cache
def intake(team: str, file: str) -> Intake:
    return read_case_file(file, (EXAMPLES / file).read_bytes(), now=NOW, team_state=team)


def lines(team: str) -> Iterator[SelectorLine]:
    for file in FILES[team]:
        yield from intake(team, file).records


def may_leave(line: SelectorLine) -> bool:
    """The plainest reasons of the gate, in one expression; the law itself is tested elsewhere."""
    complete = (
        line.case_reference and line.legal_basis and line.subject_category not in (None, "missing", "unknown")
    )
    live = line.expiry is not None and line.expiry >= NOW.date()
    allowed = line.origin_state == line_home(line) or line.origin_consent is True
    return bool(complete and live and allowed and not line.safe_house)


def line_home(line: SelectorLine) -> str:
    return (line.case_reference or "").split("-")[0]


def holders(*, all_lines: bool = False) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for team in FILES:
        for line in lines(team):
            if all_lines or may_leave(line):
                for form in line.normal_forms:
                    found[line.kind, form].add(team)
    return {key: frozenset(teams) for key, teams in found.items() if len(teams) > 1}


def kinds(*teams: str) -> Counter[str]:
    return Counter(kind for (kind, _), holding in holders().items() if holding >= set(teams))


def test_the_recruiters_phone_is_held_by_all_three_in_three_notations() -> None:
    shown = {line.display for team in FILES for line in lines(team) if line.normal_forms == ("+40722123419",)}
    assert shown == {"0722 123 419", "+40 722-123-419", "0040722123419"}
    assert [kind for (kind, _), teams in holders().items() if len(teams) == 3] == ["phone"]


def test_each_pair_of_teams_shares_what_the_story_needs() -> None:
    assert kinds("nl", "ro") == Counter(
        {
            "phone": 2,
            "iban": 1,
            "plate": 1,
            "handle": 1,
            "email": 1,
            "document": 1,
            "travel": 1,
            "transfer": 1,
        }
    )
    assert kinds("it", "nl") == Counter({"phone": 1, "wallet": 1, "imei": 1, "ip": 1, "card": 1})
    assert kinds("it", "ro") == Counter(
        {"phone": 1, "vin": 1, "company": 1, "person": 1, "hotel": 1, "wallet": 1}
    )


def test_some_overlaps_must_stay_hidden_because_one_side_may_not_publish() -> None:
    hidden = set(holders(all_lines=True)) - set(holders())
    assert sorted(kind for kind, _ in hidden) == ["hotel", "phone", "phone", "plate"]


def test_the_shelter_overlaps_in_clear_and_is_marked_never_to_leave() -> None:
    (shelter,) = [line for line in lines("nl") if line.safe_house]
    assert holders(all_lines=True)[shelter.kind, shelter.normal_forms[0]] == {"nl", "it"}
    assert (shelter.kind, shelter.normal_forms[0]) not in holders()


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+40722123419", "+40722123418"),
        ("iban", "RO49AAAA1B31007593840000", "RO22AAAA1B31007593840001"),
        ("person", "1984-03-12|dragos ionescu marius", "1985-03-12|dragos ionescu marius"),
        ("hotel", "hotel-maaszicht-rotterdam:2026-09-18", "hotel-maaszicht-rotterdam:2026-09-19"),
        ("travel", "W6:QX7T2P:2026-10-14", "W6:QX7T2P:2026-08-14"),
        ("plate", "RO:B123ABC", "IT:B123ABC"),
        ("handle", "telegram:munca_olanda", "instagram:munca_olanda"),
        ("email", "agentia.dragos@example.org", "agentiadragos@example.org"),
        ("document", "P:UTO:L898902C3", "P:UTO:L898902C4"),
        ("ip", "203.0.113.45|2026-10-02T21Z", "203.0.113.45|2026-10-02T22Z"),
    ],
)
def test_near_misses_are_held_and_do_not_meet(kind: str, one: str, other: str) -> None:
    held = defaultdict(set)
    for team in FILES:
        for line in lines(team):
            for form in line.normal_forms:
                held[line.kind, form].add(team)
    assert held[kind, one]
    assert held[kind, other]
    assert (kind, other) not in holders(all_lines=True)


def test_what_both_sides_hold_has_items_to_ask_for() -> None:
    for kind, form in holders():
        for team in FILES:
            for line in lines(team):
                if line.kind == kind and form in line.normal_forms and line.items:
                    assert 2 <= len(line.items) <= 6


def test_the_broken_lines_are_reported_each_by_its_own_rule() -> None:
    problems = {
        file: [problem.code for problem in intake(team, file).dropped()]
        for team in FILES
        for file in FILES[team]
    }
    assert {file: found for file, found in problems.items() if found} == {
        "nl/adverts.csv": ["excel-number"],
        "nl/money.csv": ["checksum"],
        "it/fields.csv": ["invalid-number", "unknown-kind"],
        "ro/recruitment.csv": ["bad-date", "extra-cells"],
    }


def test_the_files_are_kept_in_the_encodings_that_the_readme_names() -> None:
    kept = {
        file: intake(team, file).format for team in FILES for file in FILES[team] if not file.endswith("json")
    }
    assert {file: (form.encoding, form.delimiter) for file, form in kept.items()} == {
        "nl/adverts.csv": ("cp1252", ";"),
        "nl/money.csv": ("utf-8-sig", ","),
        "it/fields.csv": ("cp1252", ";"),
        "it/payments.txt": ("utf-16-le", "\t"),
        "ro/recruitment.csv": ("cp1250", ";"),
        "ro/transport.csv": ("utf-8", ","),
    }


def test_the_story_needs_every_kind_of_care() -> None:
    every = [line for team in FILES for line in lines(team)]
    items = [item for line in every for item in line.items]
    assert {"victim", "suspect", "witness", "contact", "missing"} <= {line.subject_category for line in every}
    assert any(line.child == "yes" for line in every)
    assert any(line.case_reference is None for line in every)
    assert any(line.subject_category is None for line in every)
    assert any(line.expiry and line.expiry < NOW.date() for line in every)
    assert any("health" in (item.special or ()) for item in items)
    assert any(item.origin_consent is False for item in items)
    assert {"H1", "H2"} <= {item.handling for item in items}
    assert any(item.defect == "outdated" for item in items)
    assert any(item.evaluation.suspected_false for item in items)


def test_importing_a_file_again_states_nothing_new() -> None:
    for team, files in FILES.items():
        for file in files:
            again = read_case_file("again-" + file, (EXAMPLES / file).read_bytes(), now=NOW, team_state=team)
            once = [fingerprint(line) for line in intake(team, file).records]
            assert [fingerprint(line) for line in again.records] == once


def request_line(request: dict[str, Any]) -> SelectorLine:
    """The provider's line behind a request, found by kind, pair and number of holders alone."""
    hits = [
        form
        for (kind, form), teams in holders().items()
        if kind == request["kind"] and teams >= set(request["pair"]) and len(teams) == request["shared_by"]
    ]
    assert len(hits) == 1
    return next(
        line for line in lines(request["to"]) if line.kind == request["kind"] and hits[0] in line.normal_forms
    )


@pytest.mark.parametrize("request_", STORY["request"], ids=lambda request: request["id"])
def test_every_request_of_the_story_finds_one_hit_and_items(request_: dict[str, Any]) -> None:
    asked = set(request_["items"])
    held = {item.category for item in request_line(request_).items}
    assert asked & held


def test_every_officer_and_case_of_the_story_exists() -> None:
    officers = {officer["id"] for team in STORY["team"] for officer in team["officer"]}
    references = {
        case.reference for team in FILES for file in FILES[team] for case in intake(team, file).cases
    }
    for request in STORY["request"]:
        assert {
            request[role] for role in ("officer", "reviewed_by", "provider_officer", "provider_approver")
        } <= officers
        assert request["provider_officer"] != request["provider_approver"]
        assert request["case_reference"] in references
    named = {case.officer for team in FILES for file in FILES[team] for case in intake(team, file).cases}
    assert named - {None} <= officers


def test_one_request_is_urgent_and_one_is_ordinary() -> None:
    urgent = [request for request in STORY["request"] if request["urgency_ground"] == "U2"]
    ordinary = [request for request in STORY["request"] if not request["urgency_ground"] and request["facts"]]
    assert [request["exception_channel"] for request in urgent] == ["b"]
    assert all(request["urgency_reasons"] for request in urgent)
    assert len(ordinary) >= 1
