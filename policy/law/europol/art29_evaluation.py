"""2016/794 Article 29: what goes to Europol is evaluated; without agreement on a code it is X4."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import is_europol
from policy.parameters import Parameters
from policy.rules import rule

AGREE = duty(
    "agree-evaluation",
    "Try to agree on the evaluation with Europol; without agreement it stays X4.",
    "Regulation (EU) 2016/794, Article 29(4)-(6)",
)


@rule(
    id="europol-29-evaluation",
    cites="Regulation (EU) 2016/794, Article 29",
    in_force=date(2017, 5, 1),
    applies={Action.DISCLOSE},
)
def evaluation(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A source that cannot be assessed is X4, openly, and the code is talked about."""
    if not is_europol(facts.requester) or item.evaluation not in (None, "X4"):
        return None
    return oblige("The source could not be assessed: X4.", AGREE)
