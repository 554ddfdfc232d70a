"""2024/982 Articles 11(2), 20(2) and 47(1)(b): a match counts once a qualified person has confirmed it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import core_data
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-11-confirmed-by-a-person",
    cites="Regulation (EU) 2024/982, Articles 11(2), 20(2) and 47(1)(b)",
    in_force=date(2024, 4, 25),
    applies={Action.DISCLOSE},
)
def confirmed_by_a_person(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Core data behind a biometric match wait for the manual review by a forensic expert (R-FE)."""
    if not core_data(facts) or (facts.hit is not None and facts.hit.confirmed is True):
        return None
    return deny(
        "prum-unconfirmed", "Nobody qualified confirmed the match.", "A forensic expert reviews it first."
    )
