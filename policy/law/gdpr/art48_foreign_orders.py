"""GDPR Article 48: a third state's order is no basis by itself; an international agreement would be."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="gdpr-48-foreign-orders",
    cites="Regulation (EU) 2016/679, Article 48",
    in_force=date(2018, 5, 25),
    verified=False,
    applies={Action.LEAD},
)
def foreign_orders(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A company does not hand over data because a foreign court says so."""
    if facts.submission is None or facts.submission.basis != "foreign_order":
        return None
    return deny(
        "lead-basis", "A foreign order is no basis.", "Point the foreign authority to legal assistance."
    )
