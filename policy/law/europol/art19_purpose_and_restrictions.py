"""2016/794 Articles 18(2) and 19: who gives data to Europol sets their purpose and may restrict their use.

The road is the national unit's, by SIENA. Europol complies with restrictions set at once or later.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, duty, permit
from policy.law._words import STATES, is_europol, within_europol
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Regulation (EU) 2016/794, Articles 18(2) and 19(1)-(2)"
RESTRICT = duty("europol-restrictions", "State purpose and restrictions of access, use and erasure.", CITES)
BY_SIENA = duty("route", "Send it by SIENA; record the reference and the receipt.", CITES, to="siena")


@rule(
    id="europol-19-purpose-and-restrictions",
    cites=CITES,
    in_force=date(2017, 5, 1),
    applies={Action.DISCLOSE},
)
def purpose_and_restrictions(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A member gives Europol what is within its objectives, for one of the purposes (a) to (d)."""
    if not is_europol(facts.requester) or facts.provider.kind not in STATES or facts.correction is True:
        return None
    if facts.europol_purpose is None:
        return ask("Nobody set Europol's purpose.", "europol_purpose")
    if not within_europol(facts, law):
        return deny("purpose-outside", "The offence is outside Europol's objectives.", "Use another road.")
    return permit("It is given to Europol for a stated purpose.", RESTRICT, BY_SIENA)
