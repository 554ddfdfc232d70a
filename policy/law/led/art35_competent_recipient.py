"""LED Article 35(1)(b): a transfer goes to an authority competent for the purposes of Article 1(1)."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import OUTWARD, is_third_state
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-35-competent-recipient",
    cites="Directive (EU) 2016/680, Article 35(1)(b)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.OPEN_CHANNEL},
)
def competent_recipient(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """In a third country only police, prosecutors, courts and their like receive anything."""
    if not is_third_state(facts.requester, law):
        return None
    if facts.requester.authority is None:
        return ask("Nobody stated what authority receives it.", "requester.authority")
    if facts.requester.authority in law.table("request")["authorities"]["competent"]:
        return None
    return deny(
        "no-competent-authority",
        "The recipient is not competent for criminal matters.",
        "Let the competent authority of that state ask.",
    )
