"""2016/794 Article 38: the source stays establishable; who gave the data answers for them."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import is_europol
from policy.parameters import Parameters
from policy.rules import rule

ANSWER = duty(
    "source-establishable",
    "Keep the source establishable; the provider answers for accuracy and legality of the transfer.",
    "Regulation (EU) 2016/794, Article 38(1), (2), (5)",
)


@rule(
    id="europol-38-source",
    cites="Regulation (EU) 2016/794, Article 38(1), (2), (5), (7)",
    in_force=date(2017, 5, 1),
    applies={Action.DISCLOSE},
)
def source(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Giving data to Europol does not give responsibility away."""
    return oblige("The provider answers for it.", ANSWER) if is_europol(facts.requester) else None
