"""2024/982 Article 25: seven biographical fields, and no others, make up the index of police records."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-25-index-fields",
    cites="Regulation (EU) 2024/982, Article 25",
    in_force=date(2024, 4, 25),
    applies={Action.PUBLISH},
)
def index_fields(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What is not one of the listed fields stays out of the index."""
    if facts.system != "police-records" or item.kind in law.table("prum2")["fields"]["police-records"]:
        return None
    return deny("prum-fields", "The index has no such field.", "Enter the listed fields only.")
