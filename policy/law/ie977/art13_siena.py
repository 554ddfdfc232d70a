"""2023/977 Article 13(1): content travels by SIENA.

Exceptions of paragraph 2: (a) third states or international organisations are involved, (b) urgency demands
another channel for now, (c) a technical or operational incident. Where SIENA is demanded, release means a
prepared SIENA message whose reference and receipt are recorded. A member's module may say otherwise.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law.ie977._siena import siena_demanded
from policy.parameters import Parameters
from policy.rules import rule

BY_SIENA = duty(
    "route",
    "Send it by SIENA; record the reference and the receipt.",
    "Directive (EU) 2023/977, Article 13(1)",
    to="siena",
)


@rule(
    id="ie977-13-siena",
    cites="Directive (EU) 2023/977, Article 13(1)-(2)",
    in_force=date(2024, 12, 12),
    applies={Action.DISCLOSE},
)
def siena(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Between members content goes by SIENA unless an exception is stated."""
    return oblige("SIENA is the channel.", BY_SIENA) if siena_demanded(facts, law) else None
