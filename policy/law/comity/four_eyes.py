"""Four eyes: nothing of content leaves, and no channel opens, without a second person's signature.

The release role is a signature, not a question of law: the outcome stays what the law says. The signer is
not the proposer; the node checks that. Which role signs: policy/parameters/roles.toml.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import personal
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Directive (EU) 2016/680, Articles 11(1) and 29(2); the federation's agreement"


@rule(
    id="comity-four-eyes",
    cites=CITES,
    in_force=date(2018, 5, 6),
    applies={Action.DISCLOSE, Action.SHARE, Action.OPEN_CHANNEL},
)
def four_eyes(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A second officer signs every release of personal data and every opening of a channel."""
    if facts.action is Action.SHARE and not personal(facts, item):
        return None
    return _sign(law.table("roles")["release"][facts.action])


@lru_cache(maxsize=16)
def _sign(role: str) -> Finding:
    signature = duty("release", "Another officer than the proposer signs the release.", CITES, role=role)
    return oblige("A second person signs.", signature, roles=(role,))
