"""Words that several rules share. No rule is declared here.

`between_members` is the gateway to Directive (EU) 2023/977: both states are bound by it and neither side is
a private body or an agency. Inside a signed joint investigation team the team's law takes its place.
A member's own authorities are asked exactly what another state's are (LED Article 9(4), equivalent access).
"""

from __future__ import annotations

from policy.facts import Action, Item, Party, Proposal
from policy.parameters import Parameters

STATES = frozenset({"member_state", "associated_state"})
PARTNERS = STATES | {"third_state"}  # a third state needs LED Chapter V as well
CONTENT = frozenset({Action.DISCLOSE, Action.SHARE})
EXISTENCE = frozenset({Action.PUBLISH, Action.NOTIFY})
OUTWARD = CONTENT | EXISTENCE
ACTS = frozenset(Action)
IN_CHANNEL = frozenset({Action.SHARE, Action.OPEN_CHANNEL})
VULNERABLE = frozenset({"victim", "witness", "missing"})
EUROPOL_SOURCES = frozenset({"europol", "europol_analysis"})
GENERAL = frozenset({None, "2023/977"})


def between_members(facts: Proposal, law: Parameters) -> bool:
    """Whether Directive (EU) 2023/977 governs the exchange; a more specific instrument displaces it."""
    return _bound(facts, law) and not in_team(facts) and not displaced(facts, law)


def displaced(facts: Proposal, law: Parameters) -> bool:
    """Whether the request names an instrument of its own (2023/977 Article 1(2), judicial cooperation)."""
    named = instrument(facts)
    return named not in GENERAL and named in law.table("instruments")["special"]


def instrument(facts: Proposal) -> str | None:
    """The instrument that the request names."""
    return None if facts.request is None else facts.request.instrument


def _bound(facts: Proposal, law: Parameters) -> bool:
    provider, requester = facts.provider, facts.requester
    return (
        provider.kind in STATES
        and requester.kind in STATES
        and law.takes_part("ie977", provider.state)
        and law.takes_part("ie977", requester.state)
    )


def in_team(facts: Proposal) -> bool:
    """Whether the proposal is made inside a signed joint investigation team's space."""
    inside = facts.action in IN_CHANNEL and facts.channel == "jit"
    return inside and facts.jit is not None and facts.jit.signed is True


def is_third_state(party: Party, law: Parameters) -> bool:
    """A public authority of a state that the LED does not bind, whatever the roster calls it."""
    bound = party.kind in STATES and law.takes_part("led", party.state)
    return party.kind in PARTNERS and not bound


def third_country(facts: Proposal, law: Parameters) -> bool:
    """Whether the recipient, public or private, is outside the states that the LED binds."""
    receiver = facts.requester
    return is_third_state(receiver, law) or (
        receiver.kind == "private" and not law.takes_part("led", receiver.state)
    )


def personal(facts: Proposal, item: Item) -> bool:
    """Whether the item is to be treated as personal data: always, unless a channel carries something else."""
    return facts.action is not Action.SHARE or item.personal is not False


def purpose_of(facts: Proposal) -> str | None:
    """The purpose that decides: the request's when there is one."""
    return facts.request.purpose if facts.request is not None else facts.purpose


def child(item: Item) -> bool:
    """A child, or somebody who is presumed to be one (Directive 2011/36/EU, Article 13(2))."""
    return item.child in ("yes", "presumed")


def foreign_origin(facts: Proposal, item: Item) -> bool:
    """First obtained from another state than the provider's."""
    return item.origin_state is not None and item.origin_state != facts.provider.state


def waived(facts: Proposal, code: str) -> bool:
    """Whether the provider's officer decided not to invoke the discretionary ground `code`."""
    return code in facts.waive


def is_europol(party: Party) -> bool:
    """Whether the party is Europol."""
    return party.kind == "eu_body" and party.authority == "EUROPOL"


def penalty_at_requester(facts: Proposal, law: Parameters) -> float | None:
    """Maximum penalty in years where the requester is, stated or from the catalogue."""
    offence = facts.offence
    if offence is None or offence.max_penalty_requester is not None:
        return None if offence is None else offence.max_penalty_requester
    entry = law.offence(offence.code)
    return None if entry is None else entry.penalty(facts.requester.state)


def within_europol(facts: Proposal, law: Parameters) -> bool:
    """Whether the catalogue knows the offence as one of Regulation (EU) 2016/794, Annex I."""
    entry = law.offence(facts.offence.code if facts.offence is not None else None)
    return entry is not None and entry.crime_area in law.table("crime_areas")["areas"]
