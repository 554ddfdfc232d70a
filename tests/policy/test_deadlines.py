"""Time limits in legal time: calendar days, summer time, pauses, delay notices, the deputy."""

from __future__ import annotations

import random
import zoneinfo
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import PolicyError
from policy.deadlines import (
    CLARIFICATION,
    JUDICIAL,
    Account,
    Pause,
    Period,
    due_at,
    duties,
    escalate_at,
    limit,
    standing,
)
from policy.parameters import national_modules, parameters

TABLE = parameters(date(2026, 11, 23)).table("deadlines")
EIGHT_HOURS, THREE_DAYS, SEVEN_DAYS = (
    Period.of(name, TABLE) for name in ("urgent_direct", "urgent_indirect", "other")
)
AMSTERDAM = "Europe/Amsterdam"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def local(text: str, zone: str = AMSTERDAM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))


def after(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def test_the_three_limits_of_article_5_come_from_the_dated_registry() -> None:
    assert (EIGHT_HOURS.hours, THREE_DAYS.days, SEVEN_DAYS.days) == (8, 3, 7)
    assert SEVEN_DAYS.cites == "Directive (EU) 2023/977, Article 5(1)(c)"


def test_days_are_calendar_days_over_a_weekend() -> None:
    friday = local("2026-11-27T16:30")
    assert limit(friday, THREE_DAYS, AMSTERDAM) == local("2026-11-30T16:30")


@pytest.mark.parametrize(
    ("received", "due", "hours"),
    [
        ("2026-10-24T10:00", "2026-10-27T10:00", 73),  # the clock is put back on the 25th
        ("2026-03-28T10:00", "2026-03-31T10:00", 71),  # and forward on the 29th
        ("2026-06-01T10:00", "2026-06-04T10:00", 72),
    ],
)
def test_a_day_is_a_day_on_the_clock_whatever_summer_time_does(received: str, due: str, hours: int) -> None:
    start, end = local(received), limit(local(received), THREE_DAYS, AMSTERDAM)
    assert end == local(due)
    assert end - start.astimezone(UTC) == timedelta(hours=hours)


def test_hours_are_hours_through_the_night_of_the_change() -> None:
    saturday_night = local("2026-10-24T23:00")
    assert limit(saturday_night, EIGHT_HOURS, AMSTERDAM) - saturday_night.astimezone(UTC) == timedelta(
        hours=8
    )


def test_an_end_that_the_clock_skips_or_shows_twice_is_the_earlier_one() -> None:
    skipped = limit(local("2026-03-26T02:30"), THREE_DAYS, AMSTERDAM)  # 29 March has no 02:30
    assert skipped == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    twice = limit(local("2026-10-22T02:30"), THREE_DAYS, AMSTERDAM)  # 25 October has two
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_clock_is_that_of_the_authority_that_was_asked() -> None:
    """Received on one instant, due by each one's own clock; only New York changes its clock that week."""
    received = datetime(2026, 10, 29, 12, tzinfo=UTC)
    assert limit(received, THREE_DAYS, "Europe/Bucharest") == received + timedelta(days=3)
    assert limit(received, THREE_DAYS, "America/New_York") == received + timedelta(days=3, hours=1)


def test_every_national_module_names_a_zone_that_exists() -> None:
    for module in national_modules().values():
        assert limit(MONDAY, SEVEN_DAYS, module["office"]["zone"]) > MONDAY


@pytest.mark.parametrize("zone", ["Europe/Amsterdm", "../etc/passwd", ""])
def test_an_unknown_zone_is_said_in_words(zone: str) -> None:
    with pytest.raises(PolicyError, match="does not know the time zone") as caught:
        limit(MONDAY, SEVEN_DAYS, zone)
    assert caught.value.code == "no-zone"
    assert "tzdata" in str(caught.value.remedy)


def test_without_time_zone_data_on_the_machine_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(name: str) -> zoneinfo.ZoneInfo:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr("policy.deadlines.ZoneInfo", nothing)
    with pytest.raises(PolicyError, match="does not know the time zone 'Europe/Rome'"):
        limit(MONDAY, SEVEN_DAYS, "Europe/Rome")


def test_a_time_without_zone_starts_no_clock() -> None:
    with pytest.raises(PolicyError, match="no zone"):
        limit(MONDAY.replace(tzinfo=None), SEVEN_DAYS, "UTC")


def test_clarification_stops_the_clock_and_the_answer_starts_it_again() -> None:
    asked = Account(MONDAY, EIGHT_HOURS).suspend(after(2), CLARIFICATION)
    assert due_at(asked) is None
    assert standing(asked, after(5)).left == timedelta(hours=6)
    answered = asked.resume(after(26), CLARIFICATION)
    assert due_at(answered) == after(32)
    assert standing(answered, after(26)).left == timedelta(hours=6)


def test_a_judge_and_a_question_at_the_same_time_stop_the_clock_once() -> None:
    both = Account(MONDAY, EIGHT_HOURS).suspend(after(1), CLARIFICATION).suspend(after(2), JUDICIAL)
    one_left = both.resume(after(3), CLARIFICATION)
    assert due_at(one_left) is None
    assert due_at(one_left.resume(after(5), JUDICIAL)) == after(12)


def test_a_limit_that_has_lapsed_is_not_revived_by_a_late_question() -> None:
    late = Account(MONDAY, EIGHT_HOURS).suspend(after(9), CLARIFICATION)
    assert due_at(late) == after(8)
    assert standing(late, after(10)).status == "lapsed"
    assert standing(late, after(10)).left == timedelta()


def test_what_happens_later_is_not_known_before() -> None:
    whole = Account(MONDAY, EIGHT_HOURS).suspend(after(2), JUDICIAL).resume(after(20), JUDICIAL)
    assert standing(whole, after(1)).due_at == after(8)
    assert standing(whole, after(3)).status == "suspended"
    assert standing(whole, after(21)).due_at == after(26)


REFUSED: dict[str, Callable[[Account], Account]] = {
    "twice for one reason": lambda one: one.suspend(after(1), JUDICIAL).suspend(after(2), JUDICIAL),
    "before receipt": lambda one: one.suspend(after(-1), JUDICIAL),
    "for a reason of one's own": lambda one: one.suspend(after(1), "holiday"),
    "resumed without a stop": lambda one: one.resume(after(1), JUDICIAL),
    "resumed before it stopped": lambda one: one.suspend(after(2), JUDICIAL).resume(after(1), JUDICIAL),
    "without zone": lambda one: one.suspend(MONDAY.replace(tzinfo=None), JUDICIAL),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_entry_that_makes_no_sense_is_refused(name: str) -> None:
    with pytest.raises(PolicyError):
        REFUSED[name](Account(MONDAY, EIGHT_HOURS))


def owed(account: Account) -> dict[str, str | None]:
    return {one.kind: one.param("at") for one in duties(account)}


def test_a_pending_judge_owes_a_notice_of_delay_at_once_and_the_answer_when_granted() -> None:
    pending = Account(MONDAY, EIGHT_HOURS).suspend(after(1), JUDICIAL)
    assert owed(pending) == {"notice-of-delay": "2026-11-23T10:00:00+00:00"}
    granted = owed(pending.resume(after(30), JUDICIAL))
    assert granted["deliver-when-granted"] == "2026-11-24T15:00:00+00:00"
    assert granted["answer-or-refuse"] == "2026-11-24T22:00:00+00:00"


def test_a_question_owes_no_notice_of_delay() -> None:
    asked = Account(MONDAY, EIGHT_HOURS).suspend(after(1), CLARIFICATION)
    assert owed(asked) == {}


def test_the_deputy_takes_over_at_three_quarters_of_the_time() -> None:
    escalation = next(one for one in duties(Account(MONDAY, EIGHT_HOURS)) if one.kind == "escalate")
    assert escalation.param("at") == "2026-11-23T15:00:00+00:00"
    assert (escalation.param("role"), escalation.param("to")) == ("R-LO", "deputy")
    assert TABLE["escalation"]["percent"] == 75


def test_a_pause_moves_the_deputy_too() -> None:
    paused = Account(MONDAY, EIGHT_HOURS).suspend(after(2), CLARIFICATION).resume(after(12), CLARIFICATION)
    assert escalate_at(paused, 75) == after(16)


ZONES = st.sampled_from(["UTC", AMSTERDAM, "Europe/Rome", "Europe/Bucharest", "Atlantic/Azores"])
PERIODS = st.sampled_from([EIGHT_HOURS, THREE_DAYS, SEVEN_DAYS])
MOMENTS = st.integers(0, 7 * 366 * 24 * 60).map(
    lambda minutes: MONDAY - timedelta(days=700) + timedelta(minutes=minutes)
)
HOURS = st.integers(0, 400)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    received = draw(MOMENTS)
    pauses = []
    for start, length in draw(st.lists(st.tuples(HOURS, HOURS), max_size=4)):
        begun = received + timedelta(hours=start)
        pauses.append(
            Pause(draw(st.sampled_from([CLARIFICATION, JUDICIAL])), begun, begun + timedelta(hours=length))
        )
    return Account(received, draw(PERIODS), draw(ZONES), tuple(pauses))


def due(account: Account) -> datetime:
    found = due_at(account)
    assert found is not None
    return found


def without(account: Account, pauses: Sequence[Pause]) -> Account:
    return Account(account.received_at, account.period, account.zone, tuple(pauses))


@given(accounts())
def test_a_pause_never_shortens_the_time_and_never_gives_more_than_it_lasted(account: Account) -> None:
    plain = due(without(account, ()))
    lasted = sum((one.end - one.start for one in account.pauses if one.end), timedelta())
    assert plain <= due(account) <= plain + lasted


@given(accounts(), st.randoms(use_true_random=False))
def test_the_order_in_which_pauses_are_written_down_does_not_matter(
    account: Account, shuffle: random.Random
) -> None:
    mixed = list(account.pauses)
    shuffle.shuffle(mixed)
    assert due(without(account, mixed)) == due(account)
    assert due(without(account, [*mixed, *mixed])) == due(account)


@given(accounts())
def test_a_pause_after_the_limit_changes_nothing(account: Account) -> None:
    end = due(account)
    late = Pause(JUDICIAL, end, end + timedelta(days=9))
    assert due(without(account, [*account.pauses, late])) == end


@given(accounts())
def test_the_deputy_comes_in_before_the_limit_and_not_before_receipt(account: Account) -> None:
    moment = escalate_at(account, 75)
    assert moment is not None
    assert account.received_at < moment < due(account)


@given(accounts(), HOURS)
def test_what_is_left_and_what_is_due_agree(account: Account, later: int) -> None:
    now = account.received_at + timedelta(hours=later)
    now_known = standing(account, now)
    if now_known.status == "running":
        assert now_known.due_at == now + now_known.left
    elif now_known.status == "lapsed":
        assert now_known.due_at is not None
        assert now_known.due_at <= now
    else:
        assert now_known.due_at is None
        assert now_known.left > timedelta()


@given(accounts())
def test_the_limit_is_never_later_than_the_last_hour_of_its_last_calendar_day(account: Account) -> None:
    """A period of days runs to the end of its last day (Regulation 1182/71, Article 3(2)), and no further."""
    zone = zoneinfo.ZoneInfo(account.zone)
    end = limit(account.received_at, account.period, account.zone).astimezone(zone)
    first = account.received_at.astimezone(zone).date()
    if account.period.days:
        assert end.date() <= first + timedelta(days=account.period.days)


@given(MOMENTS, PERIODS, ZONES)
def test_an_account_is_the_same_whatever_zone_its_receipt_was_written_in(
    received: datetime, period: Period, zone: str
) -> None:
    elsewhere = received.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo"))
    assert limit(received, period, zone) == limit(elsewhere, period, zone)
