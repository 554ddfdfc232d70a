"""LED Article 7(2), second sentence: the recipient gets what it needs to judge reliability.

An evaluation is a 4x4 code (Regulation (EU) 2016/794, Article 29); 3x5x2 is understood and kept as it is.
X4 is an honest answer. "E", suspected false, is data known to be inaccurate and does not leave.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny, duty, oblige
from policy.law._words import CONTENT, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-07-reliability",
    cites="Directive (EU) 2016/680, Article 7(2)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def reliability(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Every item carries an evaluation; suspected falsehood does not leave."""
    if not personal(facts, item):
        return None
    code = item.evaluation
    if code is None:
        return ask("The item is not evaluated.", "item.evaluation")
    codes = law.table("evaluation")
    if code in codes["suspected_false"]:
        return deny("6.1.e", "The item is suspected to be false.", "Verify it, or erase it.")
    if code not in codes["four_by_four"] and code not in codes["three_by_five"]:
        return ask("The evaluation is not a known code.", "item.evaluation")
    if facts.action not in CONTENT:
        return None
    text = f"Send the evaluation {code} with it."
    cites = "Directive (EU) 2016/680, Article 7(2)"
    return oblige("Its reliability goes with it.", duty("reliability", text, cites, evaluation=code))
