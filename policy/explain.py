"""A decision in plain sentences, for the officer of the providing team (never for the requester)."""

from __future__ import annotations

from collections.abc import Iterator

from policy.decision import Decision, ItemDecision
from policy.findings import Deadline, Effect, Finding, Outcome

_HEAD = {
    Outcome.PERMIT: "may be done",
    Outcome.PERMIT_OBL: "may be done, with obligations",
    Outcome.APPROVE: "waits for {roles}",
    Outcome.DENY: "may not be done",
}
_WORDS = {
    Effect.PERMIT: "Basis",
    Effect.DENY: "Against",
    Effect.ASK: "Not stated",
    Effect.APPROVE: "To be approved by {roles}",
    Effect.OBLIGE: "Required",
    Effect.NOTE: "Note",
}


def explain(decision: Decision) -> list[str]:
    """What was asked, what becomes of each item and why, by when, by which road."""
    lines = [_question(decision)]
    for name, one in decision.items.items():
        lines.extend(_item(name, one))
    if decision.deadline is not None:
        lines.append(_due(decision.deadline))
    if decision.route == "siena":
        lines.append("Content travels by SIENA; Comity carries the reference and the receipt.")
    if decision.clarify:
        lines.append(f"To be stated first: {', '.join(decision.clarify)}.")
    lines.extend(f"Alarm: rule {name} failed and denied." for name in decision.alarms)
    return lines


def _question(decision: Decision) -> str:
    asked = decision.facts
    act = str(asked.action).replace("_", " ")
    return f"{asked.provider.team} to {asked.requester.team}: {act}, {len(asked.items) or 'no'} item(s)."


def _item(name: str, one: ItemDecision) -> Iterator[str]:
    subject = "The act" if name == "*" else f"Item {name}"
    yield f"{subject} {_HEAD[one.outcome].format(roles=', '.join(one.roles))}."
    for found in one.findings:
        yield f"  {_finding(found)}"
    if one.way_out:
        yield f"  Way out: {one.way_out}"
    if one.outcome is not Outcome.DENY and one.roles:
        yield f"  To be signed before release by: {', '.join(one.roles)}."
    for duty in one.obligations:
        yield f"  Obligation: {duty.text}"


def _finding(found: Finding) -> str:
    word = _WORDS[found.effect].format(roles=", ".join(found.roles))
    return f"{word}: {found.sentence} [{found.cites}; {found.rule}]"


def _due(due: Deadline) -> str:
    when = due.due_at.isoformat(timespec="minutes")
    state = {"running": "", "suspended": " (suspended until clarified)", "deviates": " (a judge decides)"}
    return f"The {due.duty} is due by {when}{state[due.status]} [{due.cites}]."
