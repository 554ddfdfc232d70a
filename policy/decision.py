"""A decision: per item, with every finding, complete enough to be replayed years later.

Rules of this module:
- A decision holds the facts it was asked, every rule's finding with the rule's version, and the outcome.
- What a requester may read of a refusal is `public_ground` and `public_way_out`: fixed sentences by ground
  code, the same whether the item exists or not. Everything else stays with the provider.
- `to_dict` is JSON data; `from_dict` gives an equal decision back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from policy.codec import proposal_from, proposal_to
from policy.errors import PolicyError
from policy.facts import Proposal
from policy.findings import Deadline, Effect, Finding, Obligation, Outcome, jsonable
from policy.grounds import public

FORMAT = "comity-decision-1"


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """What becomes of one item, and why."""

    item: str
    outcome: Outcome
    roles: tuple[str, ...] = ()  # all who must sign before release, whatever the outcome; () when denied
    obligations: tuple[Obligation, ...] = ()
    findings: tuple[Finding, ...] = ()
    ground: str = ""  # code of the ground that decided a denial
    way_out: str = ""
    route: str = "none"
    deadlines: tuple[Deadline, ...] = ()  # at most one a duty

    @property
    def permitted(self) -> bool:
        """Whether it may leave once `roles` have signed and obligations are met."""
        return self.outcome is not Outcome.DENY

    @property
    def public_ground(self) -> str:
        """What the requester reads of the ground; empty when nothing is refused."""
        return public(self.ground).sentence if self.ground else ""

    @property
    def public_way_out(self) -> str:
        """What the requester reads of the way out; empty when nothing is refused."""
        return public(self.ground).way_out if self.ground else ""

    @property
    def asks(self) -> tuple[str, ...]:
        """Facts that nobody stated and some rule needs."""
        return tuple(sorted({name for one in self.findings for name in one.asks}))


@dataclass(frozen=True, slots=True)
class Decision:
    """The law's answer to one proposal."""

    facts: Proposal
    items: dict[str, ItemDecision]
    route: str  # "comity", "siena" or "none"
    deadline: Deadline | None  # the first that falls due
    clarify: tuple[str, ...]  # facts to be stated, as paths
    law_version: str
    alarms: tuple[str, ...] = ()  # rules that failed
    rules: dict[str, str] = field(default_factory=dict)  # id -> version, of all rules that were asked

    @property
    def outcome(self) -> Outcome:
        """DENY when every item is denied; otherwise the most demanding of the others."""
        allowed = [one.outcome for one in self.items.values() if one.permitted]
        for outcome in (Outcome.APPROVE, Outcome.PERMIT_OBL, Outcome.PERMIT):
            if outcome in allowed:
                return outcome
        return Outcome.DENY

    @property
    def permitted(self) -> tuple[str, ...]:
        """Ids of the items that may leave, once signed."""
        return tuple(name for name, one in self.items.items() if one.permitted)

    @property
    def act(self) -> ItemDecision:
        """The decision on the only item, or on the act itself."""
        if len(self.items) != 1:
            raise PolicyError("This decision is about several items.", code="several", field="items")
        return next(iter(self.items.values()))

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON data."""
        return {
            "format": FORMAT,
            "law_version": self.law_version,
            "facts": proposal_to(self.facts),
            "outcome": str(self.outcome),
            "route": self.route,
            "deadline": jsonable(self.deadline),
            "clarify": list(self.clarify),
            "alarms": list(self.alarms),
            "rules": dict(self.rules),
            "items": {name: _item_to(one) for name, one in self.items.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Decision:
        """The decision that `to_dict` wrote. Raises `PolicyError` on anything else."""
        if data.get("format") != FORMAT:
            raise PolicyError("This is not a stored decision.", field="format", remedy=f"Expected {FORMAT}.")
        try:
            return cls(
                facts=proposal_from(data["facts"]),
                items={name: _item_from(name, one) for name, one in data["items"].items()},
                route=data["route"],
                deadline=_deadline_from(data["deadline"]),
                clarify=tuple(data["clarify"]),
                law_version=data["law_version"],
                alarms=tuple(data["alarms"]),
                rules=dict(data["rules"]),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as broken:
            raise PolicyError(f"The stored decision is damaged: {broken!r}.", field="decision") from None


def _item_to(one: ItemDecision) -> dict[str, Any]:
    return {
        "outcome": str(one.outcome),
        "roles": list(one.roles),
        "obligations": jsonable(one.obligations),
        "findings": jsonable(one.findings),
        "ground": one.ground,
        "way_out": one.way_out,
        "public_ground": one.public_ground,
        "public_way_out": one.public_way_out,
        "route": one.route,
        "deadlines": jsonable(one.deadlines),
    }


def _item_from(name: str, data: Mapping[str, Any]) -> ItemDecision:
    return ItemDecision(
        item=name,
        outcome=Outcome(data["outcome"]),
        roles=tuple(data["roles"]),
        obligations=_obligations_from(data["obligations"]),
        findings=tuple(_finding_from(one) for one in data["findings"]),
        ground=data["ground"],
        way_out=data["way_out"],
        route=data["route"],
        deadlines=tuple(found for one in data["deadlines"] if (found := _deadline_from(one)) is not None),
    )


def _obligations_from(data: list[Mapping[str, Any]]) -> tuple[Obligation, ...]:
    return tuple(
        Obligation(
            one["kind"], one["text"], one["cites"], tuple((name, value) for name, value in one["params"])
        )
        for one in data
    )


def _finding_from(data: Mapping[str, Any]) -> Finding:
    return Finding(
        **{
            **data,
            "effect": Effect(data["effect"]),
            "roles": tuple(data["roles"]),
            "asks": tuple(data["asks"]),
            "obligations": _obligations_from(data["obligations"]),
            "deadline": _deadline_from(data["deadline"]),
        }
    )


def _deadline_from(data: Mapping[str, Any] | None) -> Deadline | None:
    if data is None:
        return None
    return Deadline(
        data["kind"],
        timedelta(seconds=data["duration"]),
        datetime.fromisoformat(data["due_at"]),
        data["cites"],
        data["duty"],
        data["status"],
    )
