"""A hit opens a pre-JIT channel between authorities: coordination at once, content as the law allows.

It rests on Directive (EU) 2023/977, Article 7, and the MLA Convention 2000, Article 7, and ends when the
agreement is signed (it becomes a JIT space) or the case is dropped.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, duty, permit
from policy.law._words import PARTNERS
from policy.parameters import Parameters
from policy.rules import rule

NO_CONTENT = duty(
    "coordination-only",
    "Personal data pass into the channel only item by item, as judged.",
    "Directive (EU) 2023/977, Articles 7 and 13",
)


@rule(
    id="comity-pre-jit-channel",
    cites="Directive (EU) 2023/977, Article 7; MLA Convention 2000, Article 7",
    in_force=date(2018, 5, 6),
    verified=False,
    applies={Action.OPEN_CHANNEL},
)
def pre_jit_channel(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Teams that share a reviewed hit may open a channel before there is a joint investigation team."""
    if facts.channel != "pre-jit":
        return None
    if facts.hit is None:
        return ask("No hit connects the teams.", "hit")
    if facts.provider.kind not in PARTNERS or facts.requester.kind not in PARTNERS:
        return None
    return permit("A reviewed hit connects both cases.", NO_CONTENT)
