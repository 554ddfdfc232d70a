"""Withdrawal, expiry, erasure, correction, recall and feedback: they reach the other side, with receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from comity.errors import Conflict, Forbidden
from comity.v1 import delivery_pb2
from node.records import DataItemRow, OwnToken, Selector
from node.service import outgoing
from tests.scenarios.stories import (
    OTHER_PHONE,
    PHONE,
    SUBSCRIBER,
    alarms,
    hit_ids,
    hold,
    item_of,
    met_on,
    only_hit,
    opened,
    phones,
    record_of,
    states,
)
from tests.simulator import Federation

URGENT = {"urgency": "U2", "urgency_reasons": "a victim is to be moved tonight", "exception": "b"}


@pytest.fixture
def met(tmp_path: Path) -> Federation:
    """The Netherlands and Romania hold the same number."""
    return met_on(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})


def answered(federation: Federation, **stated: Any) -> str:
    """Romania has answered a Dutch request; returns the request."""
    request, _ = federation.ask("nl", only_hit(federation["nl"]), **stated)
    federation.answer("ro", request)
    return request


def received(federation: Federation, request: str) -> list[tuple[str, str]]:
    return [(item["value"], item["state"]) for item in federation["nl"].run("received", request=request)]


def test_a_withdrawn_record_withdraws_the_hit_on_both_sides(met: Federation) -> None:
    ro = met["ro"]
    ro.act("liaison", "withdraw", record=record_of(ro), reason="number reassigned")
    met.settle()
    assert states(met["nl"]) == states(ro) == {"withdrawn": 1}
    met.exchange()
    met.exchange()
    assert states(met["nl"]) == states(ro) == {"withdrawn": 1}
    with pytest.raises(Forbidden, match="withdrawn"):
        met.ask("nl", only_hit(met["nl"]))


def test_a_withdrawal_reaches_a_node_that_was_down(met: Federation) -> None:
    met.stop("nl")
    ro = met["ro"]
    ro.act("liaison", "withdraw", record=record_of(ro), reason="number reassigned")
    met.settle()
    met.restart("nl")
    met.clock.forward(hours=6)
    met.exchange()
    assert states(met["nl"]) == {"withdrawn": 1}


def test_one_of_two_records_withdrawn_leaves_the_hit(met: Federation) -> None:
    ro = met["ro"]
    hold(ro, *phones(PHONE), case="RO-2026-2")
    ro.act("liaison", "withdraw", record=record_of(ro), reason="case closed")
    met.exchange()
    assert states(met["nl"]) == states(ro) == {"open": 1}


@pytest.mark.parametrize("again", ["nl", "ro"])
def test_a_withdrawn_hit_lives_again_when_a_new_case_holds_the_number(met: Federation, again: str) -> None:
    team = met[again]
    team.act("liaison", "withdraw", record=record_of(team), reason="case closed")
    met.exchange()
    assert states(met["nl"]) == states(met["ro"]) == {"withdrawn": 1}
    met.clock.forward(hours=1)
    hold(team, *phones(PHONE), case="NEW-2026-9")
    met.exchange()
    assert states(met["nl"]) == states(met["ro"]) == {"open": 1}


def test_a_hit_called_false_does_not_live_again_by_a_new_case(met: Federation) -> None:
    met["nl"].act("liaison", "feedback", hit=only_hit(met["nl"])["hit"], verdict="false")
    met.settle()
    ro = met["ro"]
    ro.act("liaison", "withdraw", record=record_of(ro), reason="case closed")
    met.exchange()
    hold(ro, *phones(PHONE), case="RO-2026-9")
    met.exchange()
    assert states(met["nl"]) == states(ro) == {"false": 1}


def test_false_hit_feedback_suppresses_on_both_sides_and_does_not_come_back(met: Federation) -> None:
    met["nl"].act("liaison", "feedback", hit=only_hit(met["nl"])["hit"], verdict="false")
    met.settle()
    assert states(met["nl"]) == states(met["ro"]) == {"false": 1}
    for days in (1, 2):
        met.clock.forward(days=days)
        met["nl"].run("sweep")
        met["ro"].run("sweep")
        met.exchange()
    assert states(met["nl"]) == states(met["ro"]) == {"false": 1}
    for asker in ("nl", "ro"):
        with pytest.raises(Forbidden, match="false"):
            met.ask(asker, only_hit(met[asker]))


def test_a_confirmed_hit_stays_the_other_sides_to_judge(met: Federation) -> None:
    met["nl"].act("liaison", "feedback", hit=only_hit(met["nl"])["hit"], verdict="confirmed")
    met.settle()
    assert states(met["nl"]) == {"confirmed": 1}
    assert states(met["ro"]) == {"open": 1}


def test_an_older_withdrawal_that_arrives_late_does_not_undo_what_came_after(met: Federation) -> None:
    ro = met["ro"]
    hit = only_hit(ro)["hit"]
    old = delivery_pb2.HitFeedback(hit=bytes.fromhex(hit), verdict=delivery_pb2.FEEDBACK_VERDICT_WITHDRAWN)
    with ro.node.store.write() as session:
        outgoing.send(session, ro.node, old, "nl")
    met.network.cut.add(("ro", "nl"))
    met.clock.forward(minutes=1)
    met["nl"].act("liaison", "withdraw", record=record_of(met["nl"]), reason="case closed")
    hold(met["nl"], *phones(PHONE), case="NL-2026-9")
    met.exchange()
    met.network.cut.clear()
    met.clock.forward(hours=1)
    met.exchange()
    assert states(met["nl"]) == states(ro) == {"open": 1}


def test_expiry_takes_the_record_out_of_feeds_and_marks_hits_on_both_sides(tmp_path: Path) -> None:
    federation = Federation(tmp_path)
    hold(federation["nl"], *phones(PHONE))
    hold(federation["ro"], *phones(PHONE), expiry="2026-12-01")
    federation.exchange()
    assert states(federation["nl"]) == {"open": 1}
    federation.clock.forward(days=11)
    assert federation["ro"].run("sweep")["expired"] == 1
    federation.exchange()
    assert states(federation["nl"]) == states(federation["ro"]) == {"withdrawn": 1}
    assert federation["ro"].run("publish")["feeds"]["nl"]["published"] == 0


def test_erasure_leaves_neither_value_nor_pseudonym_and_is_logged_without_them(met: Federation) -> None:
    ro = met["ro"]
    record = record_of(ro)
    ro.act("liaison", "erase", record=record, reason="unlawfully collected")
    met.exchange()
    with opened(ro) as session:
        (selector,) = session.exec(select(Selector)).all()
        (item,) = session.exec(select(DataItemRow)).all()
        assert session.exec(select(OwnToken)).all() == []
    assert (selector.normal_sealed, selector.output_sealed, selector.element_sealed) == (b"", None, None)
    assert item.value_sealed == b""
    (entry,) = [row for row in ro.run("log.list", last=100) if row["subject"] == f"record:{record}"]
    assert entry["operation"] == "erasure"
    assert PHONE not in str(ro.run("log.list", last=1_000))
    assert states(met["nl"]) == {"withdrawn": 1}
    with pytest.raises(Conflict, match="erased"):
        ro.act("liaison", "withdraw", record=record, reason="again")


def test_a_notice_about_an_erased_number_is_ignored_and_breaks_nothing(met: Federation) -> None:
    hold(met["it"], *phones(PHONE))
    met["it"].run("publish")
    met["it"].run("pull")
    met["ro"].act("liaison", "erase", record=record_of(met["ro"]), reason="unlawful")
    met.exchange()
    assert states(met["ro"]) == {"withdrawn": 1}
    assert met["it"].run("status")["outbox"] == {"queued": 0, "dropped": 0}


def test_what_was_answered_is_recalled_when_its_record_is_withdrawn_and_the_receiver_confirms(
    met: Federation,
) -> None:
    request = answered(met, **URGENT)
    assert received(met, request) == [(SUBSCRIBER, "live")]
    ro = met["ro"]
    done = ro.act("liaison", "withdraw", record=record_of(ro), reason="wrong person")
    assert [recall["peer"] for recall in done["recalls"]] == ["nl"]
    assert ro.run("recalls")[0]["confirmed_at"] is None
    met.settle()
    assert received(met, request) == [("", "recalled")]
    assert ro.run("recalls")[0]["confirmed_at"]
    assert met["nl"].run("recalls")[0]["direction"] == "in"


def test_a_recall_waits_for_a_receiver_that_is_down(met: Federation) -> None:
    request = answered(met, **URGENT)
    met.stop("nl")
    ro = met["ro"]
    ro.act("liaison", "erase", record=record_of(ro), reason="unlawful")
    met.settle()
    assert ro.run("recalls")[0]["confirmed_at"] is None
    met.restart("nl")
    met.clock.forward(hours=2)
    met.settle()
    assert received(met, request) == [("", "recalled")]
    assert ro.run("recalls")[0]["confirmed_at"]


def test_a_correction_reaches_the_receiver_under_the_old_conditions(met: Federation) -> None:
    request = answered(met, **URGENT)
    ro = met["ro"]
    ro.act("liaison", "correct", item=item_of(ro), value="Marin Verzonnen", reason="misspelt")
    met.settle()
    assert received(met, request) == [("Marin Verzonnen", "corrected")]
    (item,) = met["nl"].run("received", request=request)
    assert item["conditions"]["purpose"] == "thb"
    assert ro.run("recalls")[0]["confirmed_at"]
    assert ro.run("items", record=record_of(ro))[0]["state"] == "corrected"


def test_a_correction_after_a_withdrawal_does_not_bring_the_item_back(met: Federation) -> None:
    request = answered(met, **URGENT)
    ro = met["ro"]
    ro.act("liaison", "withdraw", record=record_of(ro), reason="wrong person")
    met.settle()
    ro.act("liaison", "correct", item=item_of(ro), value="Marin Verzonnen", reason="misspelt")
    met.settle()
    assert received(met, request) == [("", "recalled")]


def test_what_went_by_siena_is_recalled_by_its_reference_and_a_person_is_told(met: Federation) -> None:
    request = answered(met)
    (row,) = [row for row in met["nl"].run("requests.list") if row["request"] == request]
    assert row["answer"]["route"] == "siena"
    ro = met["ro"]
    ro.act("liaison", "correct", item=item_of(ro), value="Marin Verzonnen", reason="misspelt")
    met.settle()
    assert ro.run("recalls")[0]["confirmed_at"]
    assert alarms(met["nl"])["siena-recall"] == 1
    (alarm,) = [each for each in met["nl"].run("status")["alarms"] if each["code"] == "siena-recall"]
    assert row["answer"]["siena_reference"] in alarm["text"]
    assert "Marin" not in alarm["text"]


def test_received_items_are_erased_when_the_senders_date_has_passed(tmp_path: Path) -> None:
    federation = Federation(tmp_path)
    hold(federation["nl"], *phones(PHONE))
    hold(federation["ro"], *phones(PHONE), expiry="2026-12-01")
    federation.exchange()
    request = answered(federation, **URGENT)
    assert received(federation, request) == [(SUBSCRIBER, "live")]
    federation.clock.forward(days=11)
    assert federation["nl"].run("sweep")["received_erased"] == 1
    assert received(federation, request) == [("", "erased")]


def test_a_selector_that_meets_too_many_is_paused_and_both_sides_know(tmp_path: Path) -> None:
    federation = Federation(tmp_path, settings={"noise_cap": 1})
    for name in ("nl", "it", "ro"):
        hold(federation[name], *phones(PHONE))
    federation.exchange()
    federation.exchange()
    live = {
        name: [hit for hit, state in hit_ids(federation[name]).items() if state == "open"]
        for name in ("nl", "it", "ro")
    }
    assert all(len(hits) <= 1 for hits in live.values())
    assert sum(len(hits) for hits in live.values()) == 2, "one hit, on two sides"
    assert any(alarms(federation[name])["noisy-selector"] for name in live)
    assert states(federation["nl"])["open"] <= 1


def test_a_paused_selector_does_not_hold_up_others(tmp_path: Path) -> None:
    federation = Federation(tmp_path, settings={"noise_cap": 1})
    for name in ("nl", "it", "ro"):
        hold(federation[name], *phones(PHONE))
    federation.exchange()
    for name in ("nl", "it"):
        hold(federation[name], *phones(OTHER_PHONE), case=f"{name.upper()}-2026-2")
    federation.exchange()
    shared = hit_ids(federation["nl"], "it").keys() & hit_ids(federation["it"], "nl").keys()
    assert any(hit_ids(federation["nl"])[hit] == "open" for hit in shared)
