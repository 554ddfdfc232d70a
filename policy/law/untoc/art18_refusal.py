"""UNTOC Article 18(21)-(22), (8): four grounds of refusal; bank secrecy and fiscal matters are none."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, duty, oblige
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule

LISTED = frozenset({"form", "sovereignty", "security", "ordre_public", "domestic_law", "legal_system"})
CHECK = duty(
    "fundamental-rights-check",
    "Check for a manifest breach of fundamental rights; no other reason counts.",
    "United Nations Convention against Transnational Organized Crime, Article 18(21)",
)


@rule(
    id="untoc-18-refusal",
    cites="UNTOC, Article 18(8), (21)-(22)",
    in_force=date(2003, 9, 29),
    verified=False,
    applies={Action.DISCLOSE},
)
def refusal(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A listed ground refuses when it is invoked; bank secrecy does not."""
    if not facts.refuse_on or instrument(facts) != "untoc":
        return None
    if LISTED.isdisjoint(facts.refuse_on):
        return oblige("The ground invoked is not in the list and is void.", CHECK)
    return deny("untoc.18.21", "A ground of the list is invoked.", "Complete or narrow it.", discretion=True)
