"""GDPR Article 6(1): a lead rests on a duty (c), vital interests (d) or a legitimate interest (f).

Recital 50: pointing out a possible crime in an individual case is a legitimate interest; a list of persons is
not an individual case.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule

OPEN = frozenset({"6.1.c", "6.1.d", "6.1.f"})


@rule(
    id="gdpr-06-basis",
    cites="Regulation (EU) 2016/679, Article 6(1)(c), (d), (f), recital 50",
    in_force=date(2018, 5, 25),
    verified=False,
    applies={Action.LEAD},
)
def basis(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A submitter that states its basis states one that carries a lead."""
    stated = facts.submission
    if stated is None or stated.basis == "foreign_order":
        return None
    if stated.basis is None:
        return ask("The submitter's basis is not stated.", "submission.basis")
    if stated.basis not in OPEN:
        return deny("lead-basis", "This basis carries no lead.", "State Article 6(1)(c), (d) or (f).")
    if stated.basis != "6.1.f" or stated.single_case is True:
        return None
    return deny("lead-basis", "It is not a single case.", "Hand in one possible crime in one case.")
