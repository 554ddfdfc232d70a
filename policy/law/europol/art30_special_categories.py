"""2016/794 Article 30(2): special categories at Europol are strictly necessary and supplement other data."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import is_europol
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-30-special-categories",
    cites="Regulation (EU) 2016/794, Article 30(2)",
    in_force=date(2017, 5, 1),
    applies={Action.DISCLOSE},
)
def special_categories(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A special category on its own selects people; it only ever completes other data."""
    if not is_europol(facts.requester) or not item.special:
        return None
    if item.supplements is None:
        return ask("Nobody stated that it supplements other data.", "item.supplements")
    if item.supplements and item.strictly_necessary is True:
        return None
    return deny(
        "europol-30", "It does not supplement other data.", "Give it with the data that it completes."
    )
