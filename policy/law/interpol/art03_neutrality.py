"""INTERPOL Constitution Article 3: no activities of a political, military, religious or racial character."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="interpol-03-neutrality",
    cites="INTERPOL Constitution, Article 3",
    in_force=date(1956, 6, 13),
    verified=False,
    applies=CONTENT | {Action.REQUEST},
)
def neutrality(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Such a matter is not sent through INTERPOL, whoever asks."""
    request, offence = facts.request, facts.offence
    if request is None or request.channel != "interpol" or offence is None:
        return None
    if offence.character is None:
        return ask("Nobody stated the character of the offence.", "offence.character")
    if not offence.character:
        return None
    return deny("interpol-3", f"A {offence.character} matter.", "Use another channel, if the law gives one.")
