"""2022/2065 Article 18: a hosting service that suspects a threat to life or safety tells it promptly."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, permit
from policy.law._words import STATES
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Regulation (EU) 2022/2065, Article 18, recital 56"
PROMPTLY = duty("tell-promptly", "Tell the authorities promptly, with all relevant information.", CITES)


@rule(id="dsa-18-hosting", cites=CITES, in_force=date(2024, 2, 17), verified=False, applies={Action.LEAD})
def hosting(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Trafficking in human beings is the Regulation's own example."""
    if facts.submission is None or facts.submission.hosting is not True or facts.danger is not True:
        return None
    if facts.provider.kind != "private" or facts.requester.kind not in STATES:
        return None
    return permit("A suspected threat to life or safety.", PROMPTLY)
