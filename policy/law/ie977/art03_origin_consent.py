"""2023/977 Articles 3(d) and 6(1)(h): what another state gave is passed on only with its consent.

On request the answer is owed in time, so without consent it is a refusal; on own initiative there is time
to ask. A token or a notice would pass the information on by itself: it waits for the consent.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, ask, deny, duty, oblige
from policy.law._words import OUTWARD, foreign_origin, personal, third_country
from policy.parameters import Parameters
from policy.rules import rule

CONDITIONS = duty(
    "origin-conditions",
    "The conditions of the state of origin bind.",
    "Directive (EU) 2023/977, Article 3(d)",
)


@rule(
    id="ie977-03-origin-consent",
    cites="Directive (EU) 2023/977, Articles 3(d) and 6(1)(h)",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=OUTWARD,
)
def origin_consent(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No consent, no onward release: not by token, not by notice, not by answer."""
    if not personal(facts, item):
        return None
    if item.origin_state is None:
        return ask("Nobody stated where the item was first obtained.", "item.origin_state")
    if not foreign_origin(facts, item):
        return None
    origin = item.origin_state
    if item.origin_consent is True:
        return oblige(f"{origin} consented.", CONDITIONS)
    on_own_initiative = facts.action not in (Action.PUBLISH, Action.NOTIFY) and facts.request is None
    if item.origin_consent is None and (on_own_initiative or _chapter_v(facts, law)):
        return approve("R-ORIG", f"It came from {origin}.", f"Ask {origin}.", code="6.1.h")
    return deny("6.1.h", f"{origin} has not consented.", f"Ask {origin} for its consent, then propose again.")


def _chapter_v(facts: Proposal, law: Parameters) -> bool:
    """A transfer: LED Article 35(1)(c) and (2) say how the state of origin comes in."""
    return facts.action is Action.DISCLOSE and third_country(facts, law)
