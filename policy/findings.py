"""What one rule finds about one item, and the words in which rules say it.

A rule returns one `Finding` or `None` ("not my case"), made by `permit`, `deny`, `approve`, `oblige`,
`ask` or `note`. The engine stamps it with the rule's id, version and citation, so a rule cannot speak
in another's name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple


class Outcome(StrEnum):
    """What becomes of one item."""

    PERMIT = "PERMIT"  # only what goes with every release: log, conditions, route, signature
    PERMIT_OBL = "PERMIT_OBL"  # with duties, a deadline or special obligations
    APPROVE = "APPROVE"  # open until every named role has decided
    DENY = "DENY"


class Effect(StrEnum):
    """What a finding does to the outcome."""

    PERMIT = "permit"
    DENY = "deny"
    APPROVE = "approve"
    OBLIGE = "oblige"
    ASK = "ask"  # denies until the facts named are stated
    NOTE = "note"  # changes nothing; somebody should know


class Obligation(NamedTuple):
    """Something that must be done with, before or after a release."""

    kind: str
    text: str
    cites: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def param(self, name: str) -> str | None:
        """The value of one parameter, `None` when it has none of that name."""
        return dict(self.params).get(name)


STANDING = frozenset({"log", "conditions", "reliability", "route", "release"})
"""Kinds of obligation that go with every release and so do not make PERMIT a PERMIT_OBL."""


class Deadline(NamedTuple):
    """When a duty falls due."""

    kind: str  # e.g. "urgent-direct"
    duration: timedelta
    due_at: datetime  # aware
    cites: str
    duty: str = "answer"
    status: str = "running"  # "suspended" while clarification is asked, "deviates" while a judge decides


class Finding(NamedTuple):
    """One rule's word on one item."""

    rule: str
    version: str
    cites: str
    effect: Effect
    sentence: str
    way_out: str = ""
    ground_code: str = ""
    roles: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    asks: tuple[str, ...] = ()  # facts, as paths: "request.facts", "item.evaluation"
    deadline: Deadline | None = None
    clock: str = ""  # what it does to the clock of the answer: "suspended" or "deviates"
    discretion: bool = False  # the provider may waive this ground
    basis: bool = False  # an approval that, once given, is itself the basis in law


def permit(sentence: str, *obligations: Obligation, deadline: Deadline | None = None) -> Finding:
    """A basis in law for doing it."""
    return Finding("", "", "", Effect.PERMIT, sentence, obligations=obligations, deadline=deadline)


def deny(
    code: str, sentence: str, way_out: str, *obligations: Obligation, discretion: bool = False
) -> Finding:
    """A refusal on ground `code` (policy/parameters/grounds.toml), and what would help."""
    return Finding(
        "", "", "", Effect.DENY, sentence, way_out, code, obligations=obligations, discretion=discretion
    )


def approve(
    role: str,
    sentence: str,
    way_out: str = "",
    *obligations: Obligation,
    code: str = "",
    clock: str = "",
    basis: bool = False,
) -> Finding:
    """Open until `role` decides; with `basis`, the approval itself is what the law asks for."""
    return Finding(
        "",
        "",
        "",
        Effect.APPROVE,
        sentence,
        way_out,
        code,
        roles=(role,),
        obligations=obligations,
        clock=clock,
        basis=basis,
    )


def oblige(
    sentence: str, *obligations: Obligation, deadline: Deadline | None = None, roles: tuple[str, ...] = ()
) -> Finding:
    """Something to be done if it is released at all; `roles` must sign the release."""
    return Finding(
        "", "", "", Effect.OBLIGE, sentence, roles=roles, obligations=obligations, deadline=deadline
    )


def ask(sentence: str, *fields: str, code: str = "facts-missing", clock: str = "") -> Finding:
    """Denied until `fields` are stated. The way out names them."""
    way_out = "State " + ", ".join(fields) + "."
    return Finding("", "", "", Effect.ASK, sentence, way_out, code, asks=fields, clock=clock)


def note(sentence: str) -> Finding:
    """Changes nothing, but belongs into the record."""
    return Finding("", "", "", Effect.NOTE, sentence)


def duty(kind: str, text: str, cites: str = "", **params: str) -> Obligation:
    """An obligation with named parameters (hyphens in `kind`, values as text)."""
    return Obligation(kind, text, cites, tuple(sorted(params.items())))


def jsonable(value: Any) -> Any:
    """A finding, obligation or deadline as plain JSON data."""
    if hasattr(value, "_asdict"):
        return {name: jsonable(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple):
        return [jsonable(part) for part in value]
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value
