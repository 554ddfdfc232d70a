"""2024/982 Article 50(2)-(3): what was searched with is deleted right after the automated reply."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law.prum2._systems import PRUM
from policy.parameters import Parameters
from policy.rules import rule

DELETE = duty(
    "delete-query-data",
    "Delete the search data right after the reply, unless match, core data, follow-up or log need them.",
    "Regulation (EU) 2024/982, Article 50(2)-(3)",
)


@rule(
    id="prum2-50-delete-after-reply",
    cites="Regulation (EU) 2024/982, Article 50(2)-(3)",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def delete_after_reply(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The searched side keeps no stock of what others look for."""
    return oblige("Search data do not stay.", DELETE) if facts.system in PRUM else None
