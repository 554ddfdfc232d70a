"""2014/41 Articles 19 and 20: the investigation stays confidential, and personal data are protected."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule

KEEP = duty(
    "confidential-investigation",
    "Keep the order and the measure confidential; restrict access to the personal data.",
    "Directive 2014/41/EU, Articles 19 and 20",
)


@rule(
    id="eio-19-confidentiality",
    cites="Directive 2014/41/EU, Articles 19 and 20",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.REQUEST, Action.DISCLOSE},
)
def confidentiality(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Both sides keep the order to those who carry it out."""
    return None if ordered(facts) is None else oblige("The investigation is confidential.", KEEP)
