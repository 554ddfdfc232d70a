"""Italy: bank records are seized or ordered by the public prosecutor, for Italian files as for others.

An example of a national rule that a table cannot say: another role than a judge, for one kind of item.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="it-bank-records",
    cites="Codice di procedura penale, Articles 255 and 256",
    in_force=date(2018, 5, 6),
    verified=False,
    applies={Action.DISCLOSE, Action.SHARE},
)
def bank_records(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Bank records held by Italy leave with the leave of its prosecutor, wherever they go."""
    if facts.national != "it" or item.kind != "bank_statement":
        return None
    return approve("R-PROS", "Bank records need the prosecutor's leave.", "Ask the prosecutor of the case.")
