"""From findings to an outcome. The same findings in any order give the same outcome.

The recipe, per item:
1. A denial, or a question nobody answered, denies. Of several grounds the first in rank is named.
2. Without any basis in law the answer is no: silence denies.
3. Approvals accumulate: every role that any rule names must decide.
4. Obligations unite. Of a denial only its own obligations stay (erase, tell, record).
5. Of the deadlines of one duty the one that falls due first wins; clarification suspends the clock of the
   answer, a pending judge lets it deviate. A refusal is owed inside the same time.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy.decision import ItemDecision
from policy.findings import STANDING, Deadline, Effect, Finding, Obligation, Outcome
from policy.grounds import NO_LEGAL_BASIS, ground

SILENCE = Finding(
    "comity-silence",
    "",
    "Directive (EU) 2016/680, Article 8(1)",
    Effect.DENY,
    "No rule of law in force permits this.",
    "Name the act and article that permits it, or choose an instrument that both sides are bound by.",
    NO_LEGAL_BASIS,
)
_REFUSES = frozenset({Effect.DENY, Effect.ASK})


def combine(item: str, findings: Sequence[Finding]) -> ItemDecision:
    """The decision on one item, from all findings on it."""
    found = tuple(sorted(findings, key=_order))
    refusals = [one for one in found if one.effect in _REFUSES]
    if not refusals and not any(one.effect is Effect.PERMIT or one.basis for one in found):
        refusals = [SILENCE]
        found = (*found, SILENCE)
    deadlines = _deadlines(found)
    if refusals:
        return _denied(item, found, refusals, deadlines)
    roles = {role for one in found for role in one.roles}
    obligations = _unite(found)
    return ItemDecision(
        item,
        _outcome(found, obligations, deadlines),
        tuple(sorted(roles)),
        obligations,
        found,
        route=_route(obligations),
        deadlines=deadlines,
    )


def first_due(deadlines: Sequence[Deadline]) -> Deadline | None:
    """The deadline to work by: running ones before stopped ones, then the earliest."""
    return min(deadlines, key=lambda one: (one.status != "running", one.due_at, one.duty), default=None)


def _order(one: Finding) -> tuple[str, str]:
    return one.rule, one.sentence


def _denied(
    item: str, found: tuple[Finding, ...], refusals: list[Finding], deadlines: tuple[Deadline, ...]
) -> ItemDecision:
    decisive = min(refusals, key=lambda one: (ground(one.ground_code).rank, one.rule))
    return ItemDecision(
        item,
        Outcome.DENY,
        obligations=_unite(refusals),
        findings=found,
        ground=decisive.ground_code,
        way_out=decisive.way_out,
        deadlines=deadlines,
    )


def _outcome(
    found: tuple[Finding, ...], obligations: tuple[Obligation, ...], deadlines: tuple[Deadline, ...]
) -> Outcome:
    if any(one.effect is Effect.APPROVE for one in found):
        return Outcome.APPROVE
    special = deadlines or any(one.kind not in STANDING for one in obligations)
    return Outcome.PERMIT_OBL if special else Outcome.PERMIT


def _unite(findings: Sequence[Finding]) -> tuple[Obligation, ...]:
    return tuple(sorted({duty for one in findings for duty in one.obligations}))


def _route(obligations: tuple[Obligation, ...]) -> str:
    to_siena = any(one.kind == "route" and one.param("to") == "siena" for one in obligations)
    return "siena" if to_siena else "comity"


def _deadlines(found: tuple[Finding, ...]) -> tuple[Deadline, ...]:
    shortest: dict[str, Deadline] = {}
    for one in found:
        due = one.deadline
        if due is not None and (due.duty not in shortest or due.due_at < shortest[due.duty].due_at):
            shortest[due.duty] = due
    if not shortest:
        return ()
    clocks = {one.clock for one in found}
    status = next((word for word in ("suspended", "deviates") if word in clocks), "running")
    return tuple(
        due._replace(status=status) if due.duty == "answer" else due for _, due in sorted(shortest.items())
    )
