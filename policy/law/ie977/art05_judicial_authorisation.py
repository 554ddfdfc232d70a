"""2023/977 Articles 5(2), 6(1)(c) and 9: a judge where national law demands one at home as well.

The deadline may then deviate as far as necessary; the requester is told at once how long and why. A demand
that is made of foreign requests only is void (`ie977-09-parity`).
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, deny, duty
from policy.law._words import CONTENT, personal
from policy.parameters import Parameters
from policy.rules import rule

TELL = duty(
    "tell-delay",
    "Tell the requester at once the expected length of the delay and its reasons.",
    "Directive (EU) 2023/977, Article 5(2)",
)
EIO = "An instrument of judicial cooperation remains open to the requester."


@rule(
    id="ie977-05-judicial-authorisation",
    cites="Directive (EU) 2023/977, Articles 5(2), 6(1)(c) and 9",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT,
)
def judicial_authorisation(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Where a similar release at home needs a judge, so does this one; a refusal by the judge binds."""
    needed = item.needs_judicial
    if not personal(facts, item) or needed is False:
        return None
    if needed is None:
        if not law.known:
            return ask("Nobody stated whether a judge is needed.", "item.needs_judicial", "national")
        provision = law.judge_needed(item.kind, law.category(item.kind, item.category))
        if provision is None or provision["scope"] != "alike":
            return None
    if item.judicial == "refused":
        return deny("6.1.c", "The judge refused.", EIO)
    if item.judicial == "granted":
        return None
    return approve("R-JUD", "National law demands a judge.", "Apply for it at once.", TELL, clock="deviates")
