"""2023/977 Article 7: information is provided on own initiative.

Paragraph 1: it may be, where objectively relevant to another state. Paragraph 2: for a serious offence it
shall be, unless Article 6(1)(c) or (f) applies. So a hit on trafficking in human beings is a duty, not a
favour. Origin, Annex II.B and quality bind what is sent; that reading is this package's own.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, duty, permit
from policy.law._words import CONTENT, between_members, personal
from policy.parameters import Parameters
from policy.rules import rule

PROVIDE = duty(
    "own-initiative",
    "Provide it on own initiative, with a copy to the recipient's Single Point of Contact.",
    "Directive (EU) 2023/977, Article 7(2)",
)


@rule(
    id="ie977-07-own-initiative",
    cites="Directive (EU) 2023/977, Article 7",
    in_force=date(2024, 12, 12),
    applies=CONTENT,
)
def own_initiative(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What is relevant to another state's case may be sent unasked; on a serious offence it must be."""
    if facts.request is not None or not personal(facts, item) or not between_members(facts, law):
        return None
    if facts.offence is None or not facts.offence.code:
        return ask("Nobody stated the offence.", "offence.code")
    entry = law.offence(facts.offence.code)
    if entry is None:
        return ask("The offence is not in the catalogue.", "offence.code")
    if not _relevant(facts):
        return ask("Nothing makes it objectively relevant to the other state.", "hit")
    if entry.serious:
        return permit("A serious offence: it shall be provided.", PROVIDE)
    return permit("It may be provided, being relevant to the other state.")


def _relevant(facts: Proposal) -> bool:
    """A hit, a danger, an opened channel or an earlier, wrong answer makes it objectively relevant."""
    opened = facts.action is Action.SHARE and facts.channel is not None
    return facts.hit is not None or opened or facts.danger is True or facts.correction is True
