"""GDPR Article 9(2): special data on consent (a), vital interests (c) or a law (g); never on (d).

(d) is for bodies with a political, philosophical, religious or trade-union aim, about their own people.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule

OPEN = frozenset({"9.2.a", "9.2.c", "9.2.g"})


@rule(
    id="gdpr-09-special",
    cites="Regulation (EU) 2016/679, Article 9(2)",
    in_force=date(2018, 5, 25),
    verified=False,
    applies={Action.LEAD},
)
def special(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A lead with special data states what carries them."""
    if facts.submission is None or not item.special:
        return None
    if facts.submission.special_basis is None:
        return ask("The basis for special data is not stated.", "submission.special_basis")
    if facts.submission.special_basis in OPEN:
        return None
    return deny(
        "lead-basis", "Article 9(2)(d) does not cover this body.", "State (a), (c) or (g), or leave it out."
    )
