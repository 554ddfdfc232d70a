"""CETS 185 Article 27(4): political offences, sovereignty, public order: the requested party may refuse."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, deny
from policy.law._words import instrument, waived
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = "Show that it is an ordinary crime, or use another instrument."


@rule(
    id="budapest-27-refusal",
    cites="CETS 185 (Budapest Convention), Article 27(4)",
    in_force=date(2004, 7, 1),
    verified=False,
    applies={Action.DISCLOSE},
)
def refusal(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A political offence refuses unless the provider sets the ground aside, which a prosecutor signs."""
    if instrument(facts) != "budapest":
        return None
    political = facts.offence is not None and facts.offence.character == "political"
    if not political and not {"political", "sovereignty", "ordre_public"}.intersection(facts.refuse_on):
        return None
    if waived(facts, "27.4"):
        return approve("R-PROS", "The ground is not invoked.", code="27.4")
    return deny("27.4", "A political offence, or sovereignty or public order.", WAY_OUT, discretion=True)
