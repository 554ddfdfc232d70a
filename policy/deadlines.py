"""Time limits as the law counts them: an account of one clock, from receipt to answer.

Rules of this module:
- The clock starts at receipt. Hours are hours. Days are calendar days, weekends and holidays included: the
  same time on the clock of the authority that was asked, so many days later, whatever summer time does
  between. Where that time does not exist or comes twice, the earlier instant counts: never late.
- While clarification is awaited (2023/977 Article 6(3)) or a judge's authorisation is pending (Article 5(2))
  the clock stands still. Overlapping pauses count once; a pause that begins after the limit revives nothing.
- A judge's authorisation owes a notice of the delay at once, with its expected length and its reasons, and
  the answer as soon as it is granted (Article 5(2)). A refusal is owed inside the same limit.
- When `percent` of the running time is used and nobody has answered, the deputy takes over: our own rule.

Pure: the node keeps the account with the request and asks these functions with its own `now`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from policy.errors import PolicyError
from policy.findings import Obligation, duty

CLARIFICATION, JUDICIAL = "clarification", "judicial"
DELAY = "Directive (EU) 2023/977, Article 5(2)"


class Period(NamedTuple):
    """A time limit: hours or calendar days."""

    name: str  # e.g. "urgent-direct"
    hours: int
    days: int
    cites: str

    @classmethod
    def of(cls, name: str, table: Mapping[str, Any]) -> Period:
        """The period called `name` in `policy/parameters/deadlines.toml`, as it holds on a day."""
        entry = table[name]
        return cls(name.replace("_", "-"), entry.get("hours", 0), entry.get("days", 0), entry["cites"])


class Pause(NamedTuple):
    """A stretch of time in which the clock stands still; `end` is `None` while it lasts."""

    reason: str  # "clarification" or "judicial"
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One clock: when the request came in, how long there is, on whose clock, and every pause."""

    received_at: datetime
    period: Period
    zone: str = "UTC"  # of the authority that was asked (the national module's `office.zone`)
    pauses: tuple[Pause, ...] = ()

    def suspend(self, at: datetime, reason: str) -> Account:
        """The clock stops at `at`. Raises `PolicyError` when it already stands for that reason."""
        _aware(at, "at")
        if reason not in (CLARIFICATION, JUDICIAL):
            raise PolicyError("This is no reason to stop the clock.", field="reason")
        if any(one.end is None and one.reason == reason for one in self.pauses):
            raise PolicyError("The clock already stands for this reason.", code="conflict", field="reason")
        if at < self.received_at:
            raise PolicyError("The clock had not started yet.", field="at")
        return replace(self, pauses=(*self.pauses, Pause(reason, at)))

    def resume(self, at: datetime, reason: str) -> Account:
        """The clock runs again, as far as `reason` goes. Raises `PolicyError` when it does not stand."""
        _aware(at, "at")
        for number, one in enumerate(self.pauses):
            if one.reason == reason and one.end is None:
                if at < one.start:
                    raise PolicyError("A pause cannot end before it starts.", field="at")
                ended = one._replace(end=at)
                return replace(self, pauses=(*self.pauses[:number], ended, *self.pauses[number + 1 :]))
        raise PolicyError("The clock does not stand for this reason.", code="conflict", field="reason")


class Standing(NamedTuple):
    """How an account stands at one moment."""

    status: str  # "running", "suspended", "lapsed"
    due_at: datetime | None  # UTC; None while the clock stands still
    escalate_at: datetime | None  # UTC; None while the clock stands still
    left: timedelta  # running time that is left; never negative


def limit(received_at: datetime, period: Period, zone: str) -> datetime:
    """When the period ends if nothing stops the clock, in UTC."""
    _aware(received_at, "received_at")
    start = received_at.astimezone(UTC) + timedelta(hours=period.hours)
    if not period.days:
        return start
    local = start.astimezone(_zone(zone)) + timedelta(days=period.days)
    return min(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def due_at(account: Account) -> datetime | None:
    """When the answer is due, in UTC, pauses counted; `None` while the clock stands still."""
    return _shifted(limit(account.received_at, account.period, account.zone), account.pauses)


def escalate_at(account: Account, percent: int) -> datetime | None:
    """When the deputy takes over: `percent` of the running time is used. `None` while the clock stands."""
    start = account.received_at.astimezone(UTC)
    share = (limit(start, account.period, account.zone) - start) * percent // 100
    return _shifted(start + share, account.pauses)


def standing(account: Account, now: datetime, percent: int = 75) -> Standing:
    """Whether the clock runs, when it ends, when the deputy comes in, and how much time is left."""
    _aware(now, "now")
    known = _merged(_known(account.pauses, now))
    whole = limit(account.received_at, account.period, account.zone)
    due = _shifted(whole, known)
    if due is None:
        *before, open_one = known
        left = (_shifted(whole, before) or whole) - open_one.start
        return Standing("suspended", None, None, left)
    left = max(due - now.astimezone(UTC), timedelta())
    moment = escalate_at(replace(account, pauses=tuple(known)), percent)
    return Standing("running" if left else "lapsed", due, moment, left)


def duties(account: Account, percent: int = 75, role: str = "R-LO") -> tuple[Obligation, ...]:
    """What is owed at which time (`at`, ISO 8601 in UTC), besides the answer itself."""
    owed = []
    for one in account.pauses:
        if one.reason == JUDICIAL:
            owed.append(_notice(one))
            if one.end is not None:
                owed.append(
                    _owed("deliver-when-granted", "The judge decided: answer at once.", DELAY, one.end)
                )
    moment, due = escalate_at(account, percent), due_at(account)
    if moment is not None:
        text = f"Nobody has answered and {percent} % of the time is used: the deputy takes over."
        owed.append(_owed("escalate", text, "the federation's agreement", moment, role=role, to="deputy"))
    if due is not None:
        text = "A refusal, with its ground, is owed inside the same limit."
        owed.append(_owed("answer-or-refuse", text, account.period.cites, due, role=role))
    return tuple(sorted(owed, key=lambda one: (one.param("at") or "", one.kind)))


def _notice(pause: Pause) -> Obligation:
    text = "Tell the requester at once how long it will take and why, and keep it informed."
    return _owed("notice-of-delay", text, DELAY, pause.start)


def _owed(kind: str, text: str, cites: str, at: datetime, **params: str) -> Obligation:
    return duty(kind, text, cites, at=at.astimezone(UTC).isoformat(timespec="seconds"), **params)


def _known(pauses: Iterable[Pause], now: datetime) -> list[Pause]:
    """Pauses as they were known at `now`: later ones are not, and one that ends later still lasts."""
    begun = [one for one in pauses if one.start <= now]
    return [one if one.end is not None and one.end <= now else one._replace(end=None) for one in begun]


def _merged(pauses: Iterable[Pause]) -> list[Pause]:
    """Pauses in order, overlapping ones made one."""
    merged: list[Pause] = []
    for one in sorted(pauses, key=lambda one: one.start):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and one.start > last.end):
            merged.append(one)
        elif last.end is not None and (one.end is None or one.end > last.end):
            merged[-1] = last._replace(end=one.end)
    return merged


def _shifted(moment: datetime, pauses: Iterable[Pause]) -> datetime | None:
    for one in _merged(pauses):
        if one.start >= moment:
            break
        if one.end is None:
            return None
        moment += one.end - one.start
    return moment


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise PolicyError(
            f"This machine does not know the time zone {name!r}.",
            code="no-zone",
            field="zone",
            remedy="Check its spelling, or install the system's tzdata or the Python package tzdata.",
        ) from None


def _aware(moment: datetime, field: str) -> None:
    if moment.tzinfo is None:
        raise PolicyError("This time has no zone.", field=field)
