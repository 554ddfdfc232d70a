"""2011/36 Article 2: act, means, exploitation; consent counts for nothing; of a child no means is needed."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, note
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="thb-02-elements",
    cites="Directive 2011/36/EU, Article 2(1), (4)-(6)",
    in_force=date(2013, 4, 6),
    applies=CONTENT | {Action.EVALUATE, Action.REQUEST},
)
def elements(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Stated as trafficking, a case has means of coercion or deception, unless a child is the victim."""
    offence = facts.offence
    if offence is None or offence.code != "thb" or offence.means is not False:
        return None
    if offence.child_victim is True:
        return note("Of a child no means is needed.")
    if offence.child_victim is None:
        return ask("No means, and nobody stated whether the victim is a child.", "offence.child_victim")
    return deny("not-thb", "No means, and no child.", "State the means, or the offence that it is.")
