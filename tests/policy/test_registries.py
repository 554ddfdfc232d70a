"""The dated registries: every entry has its days and its source, and a decision changes on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy import Decision, Outcome, Party, decide
from policy import parameters as figures
from policy.cases import base, change
from policy.codec import proposal_from
from policy.evaluations import read
from policy.parameters import files, parameters
from policy.registry import entries, gone, on

TODAY = date(2026, 11, 23)
LAST = date(2031, 12, 27)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def to_britain(day: date, **given: Any) -> Decision:
    facts = change(base("third_state"), {"item.retention_until": date(2035, 1, 1), **given})
    return decide(replace(proposal_from(facts), now=noon(day)))


def spoken(decision: Decision, rule: str) -> list[str]:
    return [one.sentence for one in decision.act.findings if one.rule == rule]


def test_every_entry_of_every_registry_has_a_first_day_and_a_source() -> None:
    for name, table in files().items():
        if name != "grounds":
            for one in entries(name, table):
                assert one.start is not None, one.key
                assert one.cites, one.key


def test_adequacy_carries_a_transfer_until_its_last_day() -> None:
    for day in (LAST - timedelta(days=1), LAST):
        assert to_britain(day).act.outcome is Outcome.PERMIT_OBL
        assert spoken(to_britain(day), "comity-dated-entries") == []


def test_the_day_after_the_decision_changes_and_names_the_entry_and_its_day() -> None:
    decision = to_britain(LAST + timedelta(days=1))
    assert decision.act.ground == "no-adequacy"
    (sentence,) = spoken(decision, "comity-dated-entries")
    assert "adequacy.led.gb ended on 2031-12-27" in sentence
    assert "2021/1773" in sentence


def test_the_day_after_the_controllers_own_assessment_carries_it() -> None:
    decision = to_britain(
        LAST + timedelta(days=1), **{"transfer.safeguards": "assessed", "transfer.rights_override": False}
    )
    assert decision.act.roles == ("R-CTRL", "R-LO")


def test_before_its_first_day_there_was_no_adequacy_either() -> None:
    assert parameters(date(2021, 6, 27)).adequate("gb") is None
    assert parameters(date(2021, 6, 28)).adequate("gb")
    (entry,) = parameters(date(2021, 6, 27)).gone("adequacy.led.gb")
    assert entry.sentence(date(2021, 6, 27)).startswith("The entry adequacy.led.gb starts on 2021-06-28")


def test_the_list_under_the_gdpr_is_another_list() -> None:
    assert "jp" in parameters(TODAY).table("adequacy")["gdpr_only"]["states"]
    assert parameters(TODAY).adequate("jp") is None


MATRIX = {
    "ie977": ("dk", "ie", "ch", "no", "is", "li"),
    "led": ("dk", "ie", "ch", "no", "is", "li"),
    "jit969": ("ie",),
    "thb": ("ie",),
    "eio": (),
}


@pytest.mark.parametrize("instrument", MATRIX)
@pytest.mark.parametrize("state", ["dk", "ie", "ch", "no", "is", "li", "gb"])
def test_the_participation_matrix_binds_the_special_states_as_the_recitals_say(
    instrument: str, state: str
) -> None:
    assert parameters(TODAY).takes_part(instrument, state) is (state in MATRIX[instrument])


@pytest.mark.parametrize("instrument", MATRIX)
def test_every_other_member_state_is_bound_by_everything(instrument: str) -> None:
    bound = parameters(TODAY).table("participation")["led"]["bound"][0]["states"]
    others = set(bound) - {"dk", "ie"}
    assert len(others) == 25
    assert all(parameters(TODAY).takes_part(instrument, state) for state in others)


def test_police_records_are_voluntary_so_nobody_is_bound_who_did_not_say_so() -> None:
    assert not parameters(TODAY).takes_part("pruem_records", "nl")


def test_an_instrument_that_no_registry_has_is_an_error_not_a_no() -> None:
    with pytest.raises(KeyError):
        parameters(TODAY).takes_part("no-such-act", "nl")


def test_before_its_first_day_an_instrument_binds_nobody() -> None:
    assert not parameters(date(2024, 12, 11)).takes_part("ie977", "nl")
    assert parameters(date(2024, 12, 12)).takes_part("ie977", "nl")


def test_who_is_not_bound_reads_what_to_use_instead() -> None:
    (apart,) = parameters(TODAY).table("participation")["eio"]["apart"]
    assert apart["states"] == ["dk", "ie"]
    assert "1959" in apart["instead"]


def test_a_state_that_leaves_ends_with_a_day_and_is_named_by_it() -> None:
    table = {
        "cites": "Act",
        "from": date(2020, 1, 1),
        "x": {"bound": [{"states": ["aa"], "until": date(2027, 3, 1)}, {"states": ["bb"]}]},
    }
    assert [one["states"] for one in on(table, date(2027, 3, 1))["x"]["bound"]] == [["aa"], ["bb"]]
    assert [one["states"] for one in on(table, date(2027, 3, 2))["x"]["bound"]] == [["bb"]]
    assert set(gone("p", table, date(2027, 3, 1))) == set()
    assert gone("p", table, date(2027, 3, 2))["p.x.bound.aa"].until == date(2027, 3, 1)


def test_a_figure_that_was_replaced_is_not_called_gone() -> None:
    rows = [
        {"state": "nl", "years": 8.0, "until": date(2027, 1, 1)},
        {"state": "nl", "years": 12.0, "from": date(2027, 1, 2)},
    ]
    table = {"cites": "Act", "from": date(2020, 1, 1), "thb": {"penalty": rows}}
    for day, years in ((date(2027, 1, 1), 8.0), (date(2027, 1, 2), 12.0)):
        assert [one["years"] for one in on(table, day)["thb"]["penalty"]] == [years]
        assert gone("o", table, day) == {}


def test_of_several_that_ended_the_last_one_is_named() -> None:
    rows = [{"state": "nl", "until": date(year, 1, 1)} for year in (2022, 2025, 2023)]
    found = gone("o", {"cites": "Act", "from": date(2020, 1, 1), "rows": rows}, TODAY)
    assert found["o.rows.nl"].until == date(2025, 1, 1)


def test_before_the_first_day_of_a_file_its_entries_do_not_exist() -> None:
    table = {"from": date(2026, 1, 1), "cites": "Act", "list": ["x"], "entry": {"a": 1}}
    assert on(table, date(2025, 12, 31)) == {"list": ["x"]}
    assert on(table, date(2026, 1, 1)) == {"list": ["x"], "entry": {"a": 1}}


def test_the_heads_of_files_are_no_entries() -> None:
    law = parameters(TODAY)
    for name in ("handling", "exploitation", "exposure"):
        assert not {"from", "until", "cites"} & set(law.table(name))


def test_the_offence_catalogue_knows_each_members_maximum_penalty_or_the_unions_least() -> None:
    trafficking = parameters(TODAY).offence("thb")
    assert trafficking is not None
    assert [trafficking.penalty(state) for state in ("nl", "it", "ro", "de", None)] == [
        12.0,
        20.0,
        10.0,
        5.0,
        5.0,
    ]
    forgery = parameters(TODAY).offence("forged-documents")
    assert forgery is not None
    assert forgery.penalty("de") is None


def test_every_offence_within_europols_crimes_names_one_of_them() -> None:
    law = parameters(TODAY)
    for code, entry in law.table("offences")["offence"].items():
        assert entry["crime_area"] in (*law.table("crime_areas")["areas"], ""), code
    assert len(law.table("crime_areas")["areas"]) == 30


@pytest.mark.parametrize("form", ["SURROGACY", "FORCED_MARRIAGE", "ILLEGAL_ADOPTION"])
def test_a_new_form_of_exploitation_exists_from_its_day(form: str) -> None:
    assert parameters(date(2026, 7, 14)).exploitation(form) is None
    assert parameters(date(2026, 7, 15)).exploitation(form)
    assert parameters(date(2026, 7, 14)).exploitation("SEX")


def test_annex_ii_b_lets_a_role_hold_what_its_row_says() -> None:
    law = parameters(TODAY)
    asked = [
        ("suspect", "2(h)"),
        ("victim", "2(h)"),
        ("victim", "2(a)(xiv)"),
        ("informant", "2(h)"),
        ("missing", "2(a)"),
    ]
    assert [law.may_hold(*one) for one in asked] == ["yes", "role", "yes", "no", "no"]


CODES = {
    "B2": ("4x4", "B2"),
    "1A": ("3x5x2", "B2"),
    "2B": ("3x5x2", "X3"),
    "3DP": ("3x5x2", "C4"),
    "B21": ("5x5x5", "B2"),
    "D/4/1": ("5x5x5", "C4"),
    "E11": ("5x5x5", "X1"),
}


@pytest.mark.parametrize("code", CODES)
def test_an_evaluation_is_read_in_4x4_and_the_original_kept(code: str) -> None:
    reading = parameters(TODAY).evaluation(code)
    assert reading is not None
    assert (reading.scheme, reading.code) == CODES[code]
    assert reading.original == code
    assert bool(reading.loss) is (reading.scheme != "4x4")


def test_of_several_readings_the_most_cautious_one_counts() -> None:
    reading = parameters(TODAY).evaluation("1A")
    assert reading is not None
    assert reading.candidates == ("A1", "A2", "B1", "B2")
    assert reading.code == "B2"


@pytest.mark.parametrize("code", ["1E", "3EC", "A51"])
def test_what_is_suspected_to_be_false_has_no_reading_and_is_not_sent(code: str) -> None:
    reading = parameters(TODAY).evaluation(code)
    assert reading is not None
    assert not reading.sendable


@pytest.mark.parametrize("code", ["", "Z9", "B2X", "4A", "B26", "1AX", "12345"])
def test_a_code_of_no_scheme_is_not_understood(code: str) -> None:
    assert parameters(TODAY).evaluation(code) is None


def test_every_code_of_every_scheme_reads_as_a_code_of_4x4_or_is_not_sent() -> None:
    codes = parameters(TODAY).table("evaluation")
    for scheme in codes["scheme"].values():
        for source in scheme["source"]:
            for detail in scheme["information"]:
                reading = read(f"{source}{detail}{scheme['handling'][0]}", codes)
                assert reading is not None
                assert not reading.sendable or reading.code in codes["four_by_four"]


def test_a_handling_code_says_what_is_done_with_it() -> None:
    assert {code: bool(entry["effect"]) for code, entry in parameters(TODAY).table("handling").items()} == {
        "H0": True,
        "H1": True,
        "H2": True,
        "H3": True,
    }


def test_a_form_of_exploitation_before_its_day_is_named_in_the_decision() -> None:
    facts = proposal_from(change(base("request"), {"offence.exploitation": "FORCED_MARRIAGE"}))
    early = decide(replace(facts, now=noon(date(2026, 7, 14))))
    assert "exploitation.FORCED_MARRIAGE starts on 2026-07-15" in spoken(early, "comity-dated-entries")[0]
    assert spoken(decide(facts), "comity-dated-entries") == []


def test_an_instrument_that_has_not_begun_is_named_with_its_day() -> None:
    early = decide(replace(proposal_from(base("own_initiative")), now=noon(date(2024, 12, 11))))
    assert any("participation.ie977" in one for one in spoken(early, "comity-dated-entries"))


def test_the_version_of_the_figures_moves_with_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    before = figures.parameters_version()
    monkeypatch.setattr(figures, "module_files", dict)
    figures.parameters_version.cache_clear()
    assert figures.parameters_version() != before
    figures.parameters_version.cache_clear()


def test_a_party_of_no_known_state_finds_no_entry() -> None:
    facts = proposal_from(base("request"))
    assert decide(replace(facts, requester=Party("who"))).act.outcome is Outcome.DENY
