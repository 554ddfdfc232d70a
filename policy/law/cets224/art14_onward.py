"""CETS 224 Article 14(2), (9)-(10): use as supplied, and onward transfer with prior authorisation.

Opened for signature on 12 May 2022; whether it is in force for the parties concerned is to be verified.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import onward_only_with_consent
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="cets224-14-onward",
    cites="CETS 224, Article 14(9)-(10)",
    in_force=date(2022, 5, 12),
    verified=False,
    applies=OUTWARD,
)
def onward(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What came under the Protocol reaches a third country with the supplier's authorisation."""
    return onward_only_with_consent(facts, item, "cets224", law)
