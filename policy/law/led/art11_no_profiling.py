"""LED Article 11(3): profiling that discriminates on special categories is prohibited."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule

PROTECTED = frozenset(
    {
        "nationality",
        "ethnicity",
        "race",
        "religion",
        "belief",
        "political_opinion",
        "trade_union",
        "health",
        "sex_life",
        "sexual_orientation",
        "genetic",
        "biometric",
    }
)


@rule(
    id="led-11-no-profiling",
    cites="Directive (EU) 2016/680, Article 11(3); cf. Regulation (EU) 2016/794, Article 30(2)",
    in_force=date(2018, 5, 6),
    applies={Action.EVALUATE},
)
def no_profiling(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Selectors come one by one from a case; one chosen by origin or belief alone is refused."""
    chosen = facts.selected_by
    if chosen is None:
        return ask("Nobody stated how the selectors were chosen.", "selected_by")
    if not chosen or not PROTECTED.issuperset(chosen):
        return None
    return deny(
        "led-11-3", "Chosen by a special category alone.", "Choose selectors one by one, from a case."
    )
