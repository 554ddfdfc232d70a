"""LED Article 9(3): specific conditions of processing travel with the data and bind the recipient."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, duty, oblige
from policy.law._words import CONTENT, personal, purpose_of
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Directive (EU) 2016/680, Article 9(3)"


@rule(
    id="led-09-conditions-travel",
    cites=CITES,
    in_force=date(2018, 5, 6),
    applies=CONTENT,
)
def conditions_travel(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Purpose, origin, handling and erasure date go out with every item."""
    if not personal(facts, item):
        return None
    if item.origin_state is None:
        return ask("Nobody stated where the item was first obtained.", "item.origin_state")
    return _conditions(purpose_of(facts) or "", item.origin_state, item.handling or "", item.retention_until)


@lru_cache(maxsize=4096)
def _conditions(purpose: str, origin: str, handling: str, until: date | None) -> Finding:
    text = "Send its conditions with it: purpose, origin, handling, erasure date."
    last = "" if until is None else until.isoformat()
    sticky = duty(
        "conditions", text, CITES, purpose=purpose, origin=origin, handling=handling, retention_until=last
    )
    return oblige("Its conditions bind the recipient.", sticky)
