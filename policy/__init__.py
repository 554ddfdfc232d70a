"""The law as pure functions of facts. Standard library only; no clock, no network, no chance.

    from policy import Action, Item, Party, Proposal, Request, decide, explain
    decision = decide(Proposal(Action.DISCLOSE, now, provider, requester, request, (item,), ...))

`decide` never permits by silence: a fact that nobody stated is asked for (`decision.clarify`), a rule that
fails denies, and an action that no rule permits is refused. `decision.to_dict()` is complete for `replay`.
"""

import policy.law  # noqa: F401 - loaded first, so that the name stays with the function `law` below
from policy.decision import Decision, ItemDecision
from policy.engine import Law, classify, decide, law
from policy.errors import PolicyError
from policy.explain import explain
from policy.facts import (
    ACT,
    Action,
    Hit,
    Item,
    Jit,
    Offence,
    Party,
    Proposal,
    Referral,
    Request,
    Search,
    Submission,
    Transfer,
)
from policy.findings import Deadline, Effect, Finding, Obligation, Outcome
from policy.replay import Replay, replay
from policy.rules import Rule, rule, rules

__all__ = [
    "ACT",
    "Action",
    "Deadline",
    "Decision",
    "Effect",
    "Finding",
    "Hit",
    "Item",
    "ItemDecision",
    "Jit",
    "Law",
    "Obligation",
    "Offence",
    "Outcome",
    "Party",
    "PolicyError",
    "Proposal",
    "Referral",
    "Replay",
    "Request",
    "Rule",
    "Search",
    "Submission",
    "Transfer",
    "classify",
    "decide",
    "explain",
    "law",
    "replay",
    "rule",
    "rules",
]
