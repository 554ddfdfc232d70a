"""Submit-only members: NGOs and companies hand in leads and get a receipt, never anything of a hit.

The design follows from LED Article 9(1), Regulation (EU) 2016/794, Articles 20(2) and 26(5). Two narrow
roads lead out, both without anything of a match: an agreed referral of a victim, and Article 39 LED.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import ACTS, third_country
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = "A lead is handed in and receipted; help to a person goes by the referral path."


@rule(
    id="comity-submit-only",
    cites="Directive (EU) 2016/680, Article 9(1); Regulation (EU) 2016/794, Articles 20(2) and 26(5)",
    in_force=date(2018, 5, 6),
    applies=ACTS,
)
def submit_only(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A private member submits; it asks nothing, receives nothing of a hit and joins no channel."""
    parties = (facts.provider, facts.requester)
    if any(one.kind is None for one in parties):
        return ask("Nobody stated what kind of member this is.", "provider.kind", "requester.kind")
    private = law.table("request")["authorities"]["submit_only"]
    gives, gets = (one.kind == "private" or one.authority in private for one in parties)
    if facts.action is Action.LEAD or not (gives or gets):
        return None
    narrow = facts.referral is not None or (facts.transfer is not None and third_country(facts, law))
    if gives or facts.action is not Action.DISCLOSE or not narrow or facts.hit is not None:
        return deny("submit-only", "One of the parties may only submit leads.", WAY_OUT)
    if item.from_hit is None:
        return ask("Nobody stated whether it comes of a hit.", "item.from_hit", code="submit-only")
    return deny("submit-only", "It comes of a hit.", WAY_OUT) if item.from_hit else None
