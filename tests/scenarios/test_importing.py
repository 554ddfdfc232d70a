"""Case files at one node: read once, altered by what changed, never by repetition."""

from __future__ import annotations

from sqlmodel import select

from node.records import SelectorRecord
from tests.scenarios.stories import (
    IBAN,
    OTHER_PHONE,
    PHONE,
    SUBSCRIBER,
    case_file,
    hit_ids,
    hold,
    holding,
    met,
    opened,
    phones,
    record_of,
    states,
)
from tests.simulator import Federation


def test_reading_a_file_twice_changes_nothing(federation: Federation) -> None:
    nl = federation["nl"]
    first = hold(nl, *phones(PHONE), ("iban", IBAN))
    before = (nl.run("records"), nl.run("log.list"))
    again = hold(nl, *phones(PHONE), ("iban", IBAN))
    assert first["selectors"] == {"new": 2, "changed": 0, "unchanged": 0}
    assert again["selectors"] == {"new": 0, "changed": 0, "unchanged": 2}
    assert (nl.run("records"), nl.run("log.list")) == before


def test_another_notation_of_the_same_number_is_the_same_selector(federation: Federation) -> None:
    hold(federation["nl"], *phones(PHONE))
    again = hold(federation["nl"], *phones("0040 (722) 123-419"))
    assert again["selectors"]["unchanged"] == 1
    assert holding(federation["nl"]) == {("phone", PHONE)}


def test_a_changed_fact_alters_the_record_and_what_the_law_says_of_it(federation: Federation) -> None:
    nl = federation["nl"]
    hold(nl, *phones(PHONE))
    record = record_of(nl)
    assert nl.run("publish")["feeds"]["it"]["published"] == 1
    report = hold(nl, *phones(PHONE), child="yes", strictly_necessary="no")
    assert report["selectors"] == {"new": 0, "changed": 1, "unchanged": 0}
    assert record_of(nl) == record
    after = nl.run("publish")["feeds"]["it"]
    assert (after["published"], after["removed"], len(after["withheld"])) == (0, 1, 1)
    assert nl.run("log.list")[-3]["operation"] == "alteration"


def test_a_changed_data_item_takes_the_place_of_the_old_one(federation: Federation) -> None:
    nl = federation["nl"]
    hold(nl, *phones(PHONE))
    (before,) = nl.run("items", record=record_of(nl))
    hold(nl, *phones(PHONE), item="Somebody else")
    (after,) = nl.run("items", record=record_of(nl))
    assert (before["value"], after["value"]) == (SUBSCRIBER, "Somebody else")
    assert before["item"] == after["item"]


def test_a_bad_line_costs_only_itself(federation: Federation) -> None:
    report = hold(federation["nl"], *phones(PHONE, "3,16555E+10", "12"), ("iban", "RO49AAAA1B31007593840001"))
    assert report["selectors"]["new"] == 1
    assert [problem["line"] for problem in report["problems"]] == [20, 21, 22]
    assert holding(federation["nl"]) == {("phone", PHONE)}


def test_a_selector_of_two_cases_meets_a_peer_once_for_each_record(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE), case="NL-2026-1")
    hold(ro, *phones(PHONE))
    federation.exchange()
    assert met(nl) == {("ro", "phone", PHONE): 1}
    hold(nl, *phones(PHONE), case="NL-2026-2")
    assert met(nl) == {("ro", "phone", PHONE): 2}, "the second case is told at once"
    federation.exchange()
    assert met(nl) == {("ro", "phone", PHONE): 2}
    assert hit_ids(nl) == hit_ids(ro)


def test_a_line_that_gets_its_case_later_is_matched_from_then_on(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    nl.import_text("case.csv", case_file("", *phones(PHONE)))
    hold(ro, *phones(PHONE))
    federation.exchange()
    assert nl.run("hits") == ro.run("hits") == []
    hold(nl, *phones(PHONE))
    federation.exchange()
    assert states(nl) == states(ro) == {"open": 1}


def test_facts_that_lift_a_restriction_bring_the_hit_at_once(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE))
    federation.exchange()
    hold(nl, *phones(PHONE), safe_house="yes")
    federation.exchange()
    hold(ro, *phones(PHONE))
    federation.exchange()
    assert nl.run("hits") == ro.run("hits") == []
    hold(nl, *phones(PHONE))
    federation.settle()
    assert states(nl) == states(ro) == {"open": 1}


def test_a_file_does_not_bring_back_what_a_person_withdrew_or_erased(federation: Federation) -> None:
    nl = federation["nl"]
    hold(nl, *phones(PHONE, OTHER_PHONE))
    nl.act("liaison", "withdraw", record=record_of(nl, PHONE), reason="reassigned")
    nl.act("liaison", "erase", record=record_of(nl, OTHER_PHONE), reason="unlawful")
    for item in (SUBSCRIBER, "Somebody else"):
        report = hold(nl, *phones(PHONE, OTHER_PHONE), item=item)
        assert report["selectors"] == {"new": 0, "changed": 0, "unchanged": 2}
    assert sorted(row["state"] for row in nl.run("records")) == ["erased", "withdrawn"]
    assert holding_of_live_records(federation) == set()


def holding_of_live_records(federation: Federation) -> set[str]:
    """Ids of the records that the Dutch node still works with."""
    with opened(federation["nl"]) as session:
        return {row.id for row in session.exec(select(SelectorRecord)).all() if row.state == "live"}


def test_a_later_date_brings_an_expired_record_back(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE), expiry="2026-12-01")
    hold(ro, *phones(PHONE))
    federation.exchange()
    federation.clock.forward(days=14)
    assert nl.run("sweep")["expired"] == 1
    federation.exchange()
    assert states(nl) == states(ro) == {"withdrawn": 1}
    hold(nl, *phones(PHONE), expiry="2029-12-31")
    federation.exchange()
    assert states(nl) == states(ro) == {"open": 1}
