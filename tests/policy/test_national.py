"""National modules: two tempers, one template, strict reading, and what a module with a mistake costs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policy import Decision, Outcome, decide
from policy import parameters as figures
from policy.cases import base, change
from policy.codec import proposal_from
from policy.national import line_of, parse
from policy.parameters import NATIONAL, Parameters, module_files, national_modules, parameters

TODAY = date(2026, 11, 23)
TEMPLATE = (NATIONAL / "template" / "module.toml").read_text(encoding="utf-8")


def decided(name: str, **given: Any) -> Decision:
    return decide(proposal_from(change(base("request"), {"national": name, **given})))


def test_every_module_of_the_package_is_read_without_a_fault() -> None:
    assert set(module_files()) == set(national_modules()) >= {"nl", "it", "ro", "exercise"}


def test_no_module_claims_to_be_confirmed_that_does_not_say_by_whom() -> None:
    for name, module in national_modules().items():
        assert module["verified"] is False or module["confirmed_by"], name


def test_the_template_is_well_formed_but_is_no_module() -> None:
    assert parse(TEMPLATE)[1] == []
    assert "template" not in national_modules()
    assert decided("template").act.outcome is Outcome.DENY


def test_bank_records_are_released_by_different_people_in_different_states() -> None:
    record = {"item.kind": "bank_statement", "item.category": "2(e)(i)"}
    assert decided("nl", **record).act.roles == ("R-LO",)
    assert decided("it", **record).act.roles == ("R-LO", "R-PROS")
    assert decided("ro", **record).act.roles == ("R-JUD", "R-LO")


def test_both_tempers_ask_a_judge_for_an_interception() -> None:
    for name in ("nl", "it"):
        assert decided(name, **{"item.kind": "interception"}).act.roles == ("R-JUD", "R-LO")


def test_message_content_waits_for_a_judge_in_italy_alone() -> None:
    assert "R-JUD" in decided("it", **{"item.kind": "message_content"}).act.roles
    assert "R-JUD" not in decided("nl", **{"item.kind": "message_content"}).act.roles


def test_content_takes_the_road_that_the_module_names() -> None:
    roads = {name: decided(name).route for name in ("nl", "it", "ro", "exercise")}
    assert roads == {"nl": "siena", "it": "siena", "ro": "siena", "exercise": "comity"}


def test_a_request_is_read_in_the_languages_that_the_module_lists() -> None:
    assert decided("nl", **{"request.language": "nl"}).act.permitted
    assert not decided("it", **{"request.language": "nl"}).act.permitted
    assert decided("it", **{"request.language": "fr"}).act.permitted


def test_a_members_condition_goes_out_with_its_data() -> None:
    act = decided("it", **{"item.kind": "bank_statement", "item.category": "2(e)(i)"}).act
    (condition,) = [one for one in act.obligations if one.kind == "national-condition"]
    assert condition.text.startswith("Bank records are used for the stated offence only")


def test_each_member_says_whether_it_refuses_over_minor_matters() -> None:
    assert parameters(TODAY, "it").minor_offence_refused
    assert not parameters(TODAY, "nl").minor_offence_refused
    assert parameters(TODAY, "ro").minor_offence_refused  # silent: the ground stays available


def test_a_provision_exists_from_its_first_day() -> None:
    assert parameters(date(2021, 9, 29), "it").judge_needed("traffic_data", None) is None
    assert parameters(date(2021, 9, 30), "it").judge_needed("traffic_data", None)


def test_before_its_first_day_a_module_is_none() -> None:
    assert not parameters(date(2018, 5, 5), "nl").known
    assert parameters(date(2018, 5, 6), "nl").known


def test_of_two_provisions_on_one_kind_the_void_one_hides_nothing() -> None:
    module = {"judicial": [_judge("foreign_only"), _judge("alike")]}
    found = Parameters({"participation": {}, "offences": {}}, TODAY, module).judge_needed("phone", None)
    assert found is not None
    assert found["scope"] == "alike"


def _judge(scope: str) -> dict[str, Any]:
    return {"kinds": ["phone"], "scope": scope, "cites": "Act"}


@pytest.fixture
def own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules that the package reads instead of its own."""
    folder = tmp_path / "national"
    shutil.copytree(NATIONAL, folder)
    monkeypatch.setattr(figures, "module_files", lambda: module_files(folder))
    for cached in (figures.national_modules, figures.parameters):
        cached.cache_clear()
    yield folder
    monkeypatch.undo()
    for cached in (figures.national_modules, figures.parameters):
        cached.cache_clear()


def test_a_module_with_a_mistake_is_no_module_and_its_member_alone_stands_still(own_modules: Path) -> None:
    path = own_modules / "nl" / "module.toml"
    path.write_text(path.read_text().replace('scope = "alike"', 'scope = "alke"', 1))
    assert decided("nl").act.outcome is Outcome.DENY
    assert "national" in decided("nl").clarify
    assert decided("it").act.permitted


def test_a_filled_in_template_works_at_once(own_modules: Path) -> None:
    (own_modules / "de").mkdir()
    (own_modules / "de" / "module.toml").write_text(TEMPLATE.replace('state = "xx"', 'state = "de"'))
    assert decided("de").act.permitted
    assert decided("de", **{"item.kind": "interception"}).act.roles == ("R-JUD", "R-LO")


def test_a_members_own_law_may_name_another_role_for_the_release(own_modules: Path) -> None:
    text = TEMPLATE.replace('disclose = "R-LO"', 'disclose = "R-PROS"')
    (own_modules / "de").mkdir()
    (own_modules / "de" / "module.toml").write_text(text)
    assert decided("de").act.roles == ("R-PROS",)
    assert decided("nl").act.roles == ("R-LO",)


MISTAKES: Mapping[str, tuple[str, str, str]] = {
    "an unknown word": ("[office]\n", '[office]\ncolour = "red"\n', "office.colour"),
    "an unknown section": ("[office]\n", "[offices]\n", "offices"),
    "a text for a truth": ("verified = false", 'verified = "no"', "verified"),
    "a truth for a text": ('zone = "Europe/Brussels"', "zone = true", "office.zone"),
    "a moment for a day": ("from = 2024-12-12", "from = 2024-12-12T00:00:00Z", "from"),
    "a text for a list": ('kinds = ["interception"]', 'kinds = "interception"', "judicial[0].kinds"),
    "a number in a list": ('kinds = ["interception"]', "kinds = [7]", "judicial[0].kinds"),
    "a scope of one's own": ('\nscope = "alike"', '\nscope = "abroad"', "judicial[0].scope"),
    "an empty citation": ('cites = "Directive (EU) 2023/977, Article 13(1)"', 'cites = ""', "exchange.cites"),
    "no kinds at all": ('kinds = ["interception"] # [N]\n', "", "judicial[0].kinds"),
    "no English": ('languages = ["en"]', 'languages = ["de"]', "languages"),
    "confirmed by nobody": ("verified = false", "verified = true", "confirmed_by"),
    "an end before its start": (
        "[refusal]",
        "[refusal]\nfrom = 2027-01-02\nuntil = 2027-01-01",
        "refusal.until",
    ),
    "one provision as a section": ("\n[[judicial]]", "\n[judicial]", "judicial"),
    "a text for a section": ('name = "Name of the state"', 'name = "x"\nretention = "long"', "retention"),
    "no name": ('name = "Name of the state"\n', "", "name"),
    "half a day's retention": ("token_days = 1825", "token_days = 0.5", "retention.token_days"),
    "no TOML": ("[refusal]", "[refusal", ""),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_field(name: str) -> None:
    before, after, field = MISTAKES[name]
    assert before in TEMPLATE
    text = TEMPLATE.replace(before, after, 1)
    if field == "retention":
        text = text.replace("[retention]", "[unused]")
    faults = {one.field: one for one in parse(text)[1]}
    assert field in faults
    wrong = after.strip().splitlines()[-1] if after else ""
    if wrong:
        assert wrong in text.splitlines()[faults[field].line - 1] or name == "confirmed by nobody"


def test_a_missing_field_is_named_at_its_section() -> None:
    text = '[office]\nname = "x"\n'
    assert line_of(text, ("office", "zone")) == 1
    assert line_of(text, ("exchange", "cites")) == 1
    assert line_of("a = 1\n[[b]]\nc = 1\n[[b]]\nc = 2\n", ("b", 1, "c")) == 5
