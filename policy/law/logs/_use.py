"""A request for a log, judged by the uses that the log's act allows (policy/parameters/logs.toml)."""

from __future__ import annotations

from policy.facts import Proposal
from policy.findings import Finding, ask, deny, duty, permit
from policy.parameters import Parameters

ACCESS = duty(
    "log-access-recorded", "Record who used the log, when and why.", "Directive (EU) 2016/680, Article 25(1)"
)


def judged_use(facts: Proposal, log: str, law: Parameters) -> Finding | None:
    """Permitted for a listed use, refused for any other, asked where nobody stated one."""
    request = facts.request
    if request is None or request.instrument != "logs" or request.log != log:
        return None
    if not request.log_use:
        return ask("Nobody stated what the log is wanted for.", "request.log_use", code="log-use")
    if request.log_use in law.table("logs")[log]["uses"]:
        return permit("The law of this log allows the use.", ACCESS)
    return deny("log-use", "The law of this log does not allow the use.", "State a use that it allows.")
