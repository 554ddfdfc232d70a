"""2024/982 Article 44(4)-(5): behind a match of police records, a reasoned follow-up request by SIENA.

The asked state processes it without delay and decides; the 48 hours of Article 47 are for biometrics.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, ask, duty
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Regulation (EU) 2024/982, Article 44(4)-(5)"
BY_SIENA = duty("route", "Send it by SIENA; record the reference and the receipt.", CITES, to="siena")
NOW = duty("without-delay", "Process the follow-up without delay.", CITES)


@rule(id="prum2-44-follow-up", cites=CITES, in_force=date(2024, 4, 25), applies={Action.DISCLOSE})
def follow_up(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A reasoned follow-up is answered when a liaison officer decides so."""
    request = facts.request
    if facts.system != "police-records" or request is None or request.instrument != "prum2":
        return None
    if not request.facts:
        return ask("The follow-up gives no reasons.", "request.facts", code="6.1.b", clock="suspended")
    return approve(
        "R-LO", "The asked state decides.", "A liaison officer decides.", BY_SIENA, NOW, basis=True
    )
