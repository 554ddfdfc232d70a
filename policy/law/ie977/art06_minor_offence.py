"""2023/977 Article 6(1)(g): offences of at most one year, or no offence at all, in the requested state.

A ground that leaves discretion: the provider's officer may set it aside (`waive`), and then a liaison officer
decides.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, ask, deny
from policy.law._words import between_members, waived
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = "The provider's officer may set the ground aside and provide."


@rule(
    id="ie977-06-minor-offence",
    cites="Directive (EU) 2023/977, Article 6(1)(g)",
    in_force=date(2024, 12, 12),
    applies={Action.DISCLOSE},
)
def minor_offence(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request about a minor matter may be refused, and is unless an officer decides otherwise."""
    offence = facts.offence
    if facts.request is None or offence is None or not offence.code or not between_members(facts, law):
        return None
    if not law.minor_offence_refused:
        return None
    if offence.criminal_in_provider is False:
        return _refuse(facts, "6.1.g.ii", "It is not a criminal offence here.")
    penalty = offence.max_penalty_provider
    if penalty is None:
        entry = law.offence(offence.code)
        penalty = None if entry is None else entry.penalty(facts.provider.state)
    if penalty is None:
        return ask("The maximum penalty here is not known.", "offence.max_penalty_provider")
    if penalty > 1:
        return None
    return _refuse(facts, "6.1.g.i", "The maximum penalty here is one year or less.")


def _refuse(facts: Proposal, code: str, sentence: str) -> Finding:
    if waived(facts, code):
        return approve("R-LO", f"{sentence} The ground is not invoked.", code=code)
    return deny(code, sentence, WAY_OUT, discretion=True)
