"""2023/969 Articles 2(2) and 13(1): a JIT space exists from the signature of an agreement on.

Before it there is no team: a pre-JIT channel coordinates, and content goes as Directive (EU) 2023/977,
Article 7, or the MLA Convention 2000, Article 7, allow.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = "Open a pre-JIT channel now; sign the agreement to upgrade it."


@rule(
    id="reg969-02-no-space-before-signature",
    cites="Regulation (EU) 2023/969, Articles 2(2) and 13(1)",
    in_force=date(2023, 6, 7),
    applies={Action.OPEN_CHANNEL, Action.SHARE},
)
def no_space_before_signature(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No JIT space without a signed agreement that is still running."""
    if facts.channel is None:
        return ask("Nobody stated the kind of channel.", "channel")
    if facts.channel != "jit":
        return None
    jit = facts.jit
    if jit is None or jit.signed is not True:
        return deny("no-agreement", "There is no signed agreement.", WAY_OUT)
    if jit.until is None or facts.now.date() > jit.until:
        return deny("no-agreement", "The agreement is not in force.", "Extend the agreement.")
    return None
