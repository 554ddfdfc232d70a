"""Asking the key holders: one that is down, one that is spent, and a day's quota that ends."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from node.records import AnsweredBatch, AskedBatch, QuotaUse, Selector
from node.service import pseudonymise
from tests.scenarios.stories import PHONE, alarms, hold, opened, phones, record_of, states
from tests.simulator import Federation, Team


def many(count: int, first: int = 0) -> list[tuple[str, str]]:
    """That many phone numbers that differ."""
    return phones(*(f"+40722{first + number:06}" for number in range(count)))


def pseudonyms(team: Team) -> int:
    with opened(team) as session:
        return len(session.exec(select(Selector).where(Selector.epoch > 0)).all())


def answered(team: Team) -> int:
    with opened(team) as session:
        return sum(batch.size for batch in session.exec(select(AnsweredBatch)).all())


def test_while_one_holder_is_down_another_subset_answers(federation: Federation) -> None:
    hold(federation["nl"], *phones(PHONE))
    for down, answering in (("it", "ro"), ("ro", "it")):
        hold(federation["nl"], *many(1, first=len(down) * (1 if down == "it" else 7)))
        federation.network.down = {down}
        before = answered(federation[answering])
        federation["nl"].run("pseudonymise")
        assert answered(federation[answering]) > before
    assert pseudonyms(federation["nl"]) == 3


def test_with_fewer_than_t_holders_nothing_is_used_and_words_say_so(federation: Federation) -> None:
    nl = federation["nl"]
    hold(nl, *phones(PHONE))
    federation.network.down = {"it", "ro"}
    report = nl.run("publish")
    assert report["stopped"]["phone"]["code"] == "unavailable"
    assert report["feeds"]["it"]["published"] == 0
    assert pseudonyms(nl) == 0
    federation.network.down = set()
    assert nl.run("publish")["feeds"]["it"]["published"] == 1


def test_work_is_spread_over_all_holders(tmp_path: Path) -> None:
    federation = Federation(tmp_path, ("nl", "it", "ro", "de"), threshold=2)
    for batch in range(24):
        hold(federation["nl"], *many(1, first=batch))
        federation["nl"].run("pseudonymise")
    shares = [answered(federation[name]) for name in ("it", "ro", "de")]
    assert sum(shares) == 24
    assert min(shares) >= 2


def test_a_used_up_quota_is_said_in_words_and_work_goes_on_the_next_day(tmp_path: Path) -> None:
    federation = Federation(tmp_path, settings={"daily_quota": 20})  # 10 at each of two holders
    nl = federation["nl"]
    hold(nl, *many(30))
    first = nl.run("pseudonymise")
    assert 0 < first["pseudonymised"] < 30
    assert first["stopped"]["phone"]["code"] == "exhausted"
    assert "quota" in first["stopped"]["phone"]["message"]
    assert first["stopped"]["phone"]["remedy"]
    assert nl.run("pseudonymise")["pseudonymised"] == 0
    for _ in range(4):
        federation.clock.forward(days=1)
        nl.run("pseudonymise")
    assert pseudonyms(nl) == 30
    assert nl.run("status")["pseudonyms"] == {"done": 30, "waiting": 0}


def test_no_holder_ever_answers_more_than_it_grants(tmp_path: Path) -> None:
    federation = Federation(tmp_path, settings={"daily_quota": 20})
    nl = federation["nl"]
    hold(nl, *many(30))
    for _ in range(3):
        nl.run("pseudonymise")
    for holder in ("it", "ro"):
        with opened(federation[holder]) as session:
            assert all(row.used <= 10 for row in session.exec(select(QuotaUse)).all())
        assert alarms(federation[holder])["quota-burn"] == 1


def test_lost_answers_are_asked_for_again_and_one_batch_is_used(tmp_path: Path) -> None:
    federation = Federation(tmp_path)
    federation.network.lose_answers = 0.5
    nl = federation["nl"]
    hold(nl, *many(5))
    for _ in range(30):
        if nl.run("pseudonymise")["pseudonymised"]:
            break
    assert pseudonyms(nl) == 5
    with opened(nl) as session:
        asked = session.exec(select(AskedBatch)).all()
    assert [batch.state for batch in asked].count("verified") == 1


def test_many_withheld_selectors_in_a_row_do_not_hide_those_behind_them(
    federation: Federation, monkeypatch: object
) -> None:
    nl = federation["nl"]
    small = 3
    pseudonymise_batch, pseudonymise.BATCH = pseudonymise.BATCH, small
    try:
        hold(nl, *many(40 * small), legal_basis="")
        hold(nl, *many(2, first=900_000), case="NL-2026-2")
        hold(nl, *many(2 * small, first=800_000), legal_basis="", case="NL-2026-3")
        report = nl.run("pseudonymise")
    finally:
        pseudonymise.BATCH = pseudonymise_batch
    assert report == {"pseudonymised": 2, "withheld": 42 * small}
    assert pseudonyms(nl) == 2


def test_a_batch_never_claims_more_cases_than_a_claim_holds(federation: Federation) -> None:
    nl = federation["nl"]
    for number in range(70):
        hold(nl, *many(1, first=number), case=f"NL-2026-{number}")
    assert nl.run("pseudonymise")["pseudonymised"] == 70
    with opened(nl) as session:
        assert sorted(batch.size for batch in session.exec(select(AskedBatch)).all()) == [6, 64]


def test_a_selector_erased_before_its_turn_is_not_asked_about(federation: Federation) -> None:
    nl = federation["nl"]
    hold(nl, *phones(PHONE))
    nl.act("liaison", "erase", record=record_of(nl), reason="unlawful")
    assert nl.run("pseudonymise") == {"pseudonymised": 0, "withheld": 0}
    assert nl.run("status")["pseudonyms"] == {"done": 0, "waiting": 0}
    assert states(nl) == {}
