"""A decision in the words of a liaison officer, for the team that gives (never for the requester).

What leaves and what stays, under which article, by when, who must sign, what is missing and who can supply
it: `explain` as sentences, `explanation` as data (policy/explain.schema.json, "comity-explanation-1"). The
data hold the whole decision as well, so that what was explained can be replayed.

Within one format number fields are only ever added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from policy.decision import Decision, ItemDecision
from policy.facts import Action
from policy.findings import STANDING, Deadline, Effect, Finding, Outcome
from policy.parameters import Parameters, parameters

FORMAT = "comity-explanation-1"

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
_STATES = {"running": "", "suspended": " (suspended until clarified)", "deviates": " (a judge decides)"}
_SUPPLIERS = (
    ("item.origin_consent", "R-ORIG"),
    ("item.judicial", "R-JUD"),
    ("item.verified_upload", "R-JSA"),
    ("jit", "R-JITL"),
    ("transfer", "R-CTRL"),
    ("referral", "R-VIC"),
    ("request", "R-LO"),
)
"""Who can state a fact, by the beginning of its path; everything else is the case officer's (R-CO)."""
_ASKERS = frozenset({Action.EVALUATE, Action.REQUEST})


def explain(decision: Decision) -> list[str]:
    """What was asked, what becomes of each item and why, and then the officer's list."""
    lines = [_question(decision)]
    for name, one in decision.items.items():
        lines.extend(_item(name, one))
    if decision.route == "siena":
        lines.append("Content travels by SIENA; Comity carries the reference and the receipt.")
    if decision.clarify:
        lines.append(f"To be stated first: {', '.join(decision.clarify)}.")
    lines.extend(_list(explanation(decision)))
    lines.extend(f"Alarm: rule {name} failed and denied." for name in decision.alarms)
    return lines


def explanation(decision: Decision) -> dict[str, Any]:
    """The same as data; see policy/explain.schema.json."""
    law = parameters(decision.facts.now.astimezone(UTC).date(), decision.facts.national)
    facts = decision.facts
    return {
        "format": FORMAT,
        "question": {
            "action": str(facts.action),
            "provider": facts.provider.team,
            "requester": facts.requester.team,
            "on_request": facts.request is not None,
        },
        "outcome": str(decision.outcome),
        "route": decision.route,
        "leaves": [_leaves(name, one) for name, one in decision.items.items() if one.permitted],
        "stays": [_stays(name, one) for name, one in decision.items.items() if not one.permitted],
        "due": _due(decision),
        "signatures": _signatures(decision, law),
        "missing": _missing(decision, law),
        "notes": sorted({one.sentence for one in _findings(decision) if one.effect is Effect.NOTE}),
        "alarms": list(decision.alarms),
        "decision": decision.to_dict(),
    }


def _findings(decision: Decision) -> Iterator[Finding]:
    for one in decision.items.values():
        yield from one.findings


def _articles(found: Iterable[Finding]) -> list[str]:
    return sorted({one.cites for one in found})


def _leaves(name: str, one: ItemDecision) -> dict[str, Any]:
    bases = [found for found in one.findings if found.effect is Effect.PERMIT or found.basis]
    return {
        "item": name,
        "outcome": str(one.outcome),
        "articles": _articles(bases),
        "because": [found.sentence for found in bases],
        "signed_by": list(one.roles),
        "obligations": [
            {"kind": duty.kind, "text": duty.text, "article": duty.cites} for duty in one.obligations
        ],
    }


def _stays(name: str, one: ItemDecision) -> dict[str, Any]:
    against = [found for found in one.findings if found.effect in (Effect.DENY, Effect.ASK)]
    return {
        "item": name,
        "ground": one.ground,
        "articles": _articles(against),
        "because": [found.sentence for found in against],
        "way_out": one.way_out,
        "told": {"ground": one.public_ground, "way_out": one.public_way_out},
    }


def _due(decision: Decision) -> list[dict[str, Any]]:
    found: dict[tuple[str, Deadline], list[str]] = {}
    for name, one in decision.items.items():
        for due in one.deadlines:
            found.setdefault((due.duty, due), []).append(name)
    ordered = sorted(found.items(), key=lambda one: (one[0][1].due_at, one[0][0]))
    return [
        {
            "duty": duty,
            "at": due.due_at.isoformat(timespec="minutes"),
            "status": due.status,
            "article": due.cites,
            "items": items,
        }
        for (duty, due), items in ordered
    ]


def _signatures(decision: Decision, law: Parameters) -> list[dict[str, Any]]:
    found: dict[str, list[str]] = {}
    for name, one in decision.items.items():
        for role in one.roles:
            found.setdefault(role, []).append(name)
    return [
        {"role": role, "title": title(role, law), "items": items} for role, items in sorted(found.items())
    ]


def _missing(decision: Decision, law: Parameters) -> list[dict[str, Any]]:
    found: dict[str, list[str]] = {}
    for name, one in decision.items.items():
        for fact in one.asks:
            found.setdefault(fact, []).append(name)
    return [
        {"fact": fact, "items": items, "supplied_by": _supplier(fact, decision, law)}
        for fact, items in sorted(found.items())
    ]


def _supplier(fact: str, decision: Decision, law: Parameters) -> dict[str, str]:
    role = next((role for start, role in _SUPPLIERS if _below(fact, start)), "R-CO")
    facts = decision.facts
    asker = _below(fact, "request") or (facts.action in _ASKERS and not fact.startswith("provider."))
    team = facts.requester.team if asker else facts.provider.team
    own = team == facts.provider.team
    return {"role": role, "title": title(role, law if own else parameters(law.day)), "team": team}


def _below(fact: str, start: str) -> bool:
    return fact == start or fact.startswith(f"{start}.")


def title(role: str, law: Parameters) -> str:
    """What the member, or else the federation, calls a role; the code itself where neither has a word."""
    own = law.national.get("officers", {})
    return str(own.get(role) or law.table("roles")["role"].get(role, role))


def _question(decision: Decision) -> str:
    asked = decision.facts
    act = str(asked.action).replace("_", " ")
    return f"{asked.provider.team} to {asked.requester.team}: {act}, {len(asked.items) or 'no'} item(s)."


def _item(name: str, one: ItemDecision) -> Iterator[str]:
    subject = "The act" if name == "*" else f"Item {name}"
    yield f"{subject} {_HEAD[one.outcome].format(roles=', '.join(one.roles))}."
    for found in one.findings:
        word = _WORDS[found.effect].format(roles=", ".join(found.roles))
        yield f"  {word}: {found.sentence} [{found.cites}; {found.rule}]"
    if one.way_out:
        yield f"  Way out: {one.way_out}"
    if one.outcome is not Outcome.DENY and one.roles:
        yield f"  To be signed before release by: {', '.join(one.roles)}."
    for duty in one.obligations:
        yield f"  Obligation: {duty.text}"


def _list(found: dict[str, Any]) -> Iterator[str]:
    """The officer's list: leaves, stays, by when, who signs, what is missing."""
    for one in found["leaves"]:
        special = [duty["text"] for duty in one["obligations"] if duty["kind"] not in STANDING]
        yield f"Leaves: {_called(one)}, under {'; '.join(one['articles'])}."
        yield from (f"  with it: {text}" for text in special)
    for one in found["stays"]:
        yield f"Stays: {_called(one)}, under {'; '.join(one['articles'])}."
        yield f"  the requester reads: {one['told']['ground']} {one['told']['way_out']}"
    for due in found["due"]:
        yield f"The {due['duty']} is due by {due['at']}{_STATES[due['status']]} [{due['article']}]."
    for one in found["signatures"]:
        yield f"Signs: {one['role']}, {one['title']}."
    for one in found["missing"]:
        who = one["supplied_by"]
        yield f"Missing: {one['fact']}; {who['role']} of {who['team']} can supply it ({who['title']})."


def _called(one: dict[str, Any]) -> str:
    return "the act" if one["item"] == "*" else str(one["item"])
