"""2019/1153 Articles 11 to 13: financial information reaches Europol by SIENA or FIU.net."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import is_europol
from policy.parameters import Parameters
from policy.rules import rule

BY_SIENA = duty(
    "route",
    "Send it by SIENA; record the reference and the receipt.",
    "Directive (EU) 2019/1153, Article 13",
    to="siena",
)


@rule(
    id="fin-13-europol",
    cites="Directive (EU) 2019/1153, Articles 11-13",
    in_force=date(2021, 8, 1),
    applies={Action.DISCLOSE},
)
def europol(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No other channel carries it to Europol."""
    if item.source != "fiu" or not is_europol(facts.requester):
        return None
    return oblige("It goes by SIENA or FIU.net.", BY_SIENA)
