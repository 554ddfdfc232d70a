"""2002/465 Article 1(10): what came out of a team serves other ends only with consent.

(b) other offences: the state where the information became available consents first. (c) an immediate and
serious threat to public security (U1) does not wait for consent; that state is told.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, deny, duty, oblige
from policy.law._words import CONTENT, OUTWARD, in_team, personal
from policy.parameters import Parameters
from policy.rules import rule

TELL = duty(
    "inform-origin",
    "Inform the state of origin without delay.",
    "Framework Decision 2002/465/JHA, Article 1(10)",
)


@rule(
    id="jit-01-other-use",
    cites="Framework Decision 2002/465/JHA, Article 1(10)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies=OUTWARD,
)
def other_use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Information from a team leaves the team only with the consent of the state that brought it in."""
    if not personal(facts, item) or item.source != "jit" or item.origin_consent is True or in_team(facts):
        return None
    if facts.action in CONTENT and item.origin_consent is None:
        if facts.request is not None and facts.request.urgency_ground == "U1":
            return oblige("It prevents an immediate and serious threat.", TELL)
        return approve(
            "R-ORIG", "It comes out of a team.", "The state that brought it in decides.", code="6.1.h"
        )
    return deny("6.1.h", "It comes out of a team, without consent.", "Ask the state that brought it in.")
