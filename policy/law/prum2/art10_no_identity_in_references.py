"""2024/982 Articles 10(2) and 19(2): reference data hold nothing that directly identifies a person."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import BIOMETRIC
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-10-no-identity-in-references",
    cites="Regulation (EU) 2024/982, Articles 10(2) and 19(2)",
    in_force=date(2024, 4, 25),
    applies={Action.PUBLISH},
)
def no_identity_in_references(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A biometric index takes templates and reference numbers; a name or a number of a person stays out."""
    if facts.system not in BIOMETRIC or item.kind in law.table("prum2")["fields"][facts.system]:
        return None
    return deny("prum-fields", "It would identify the person directly.", "Enter the template alone.")
