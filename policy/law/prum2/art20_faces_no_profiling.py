"""2024/982 Article 20(1): searching faces for profiling as LED Article 11(3) means it is prohibited."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.led.art11_no_profiling import PROTECTED
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-20-faces-no-profiling",
    cites="Regulation (EU) 2024/982, Article 20(1); Directive (EU) 2016/680, Article 11(3)",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def faces_no_profiling(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A face is chosen from a case; where a special category helped to choose, it is not searched."""
    if facts.system != "faces" or PROTECTED.isdisjoint(facts.selected_by or ()):
        return None
    return deny(
        "led-11-3", "A special category helped to choose the face.", "Choose faces one by one, from a case."
    )
