"""From a decision to exactly what would leave: content, refusals, and the digest that officers sign.

Everything here follows from stored facts alone, so it can be built again at release and compared with
what was approved, byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, NamedTuple

from comity.handling import StickyConditions, parse_handling
from comity.v1 import delivery_pb2
from policy import Decision

PREFIX = b"comity disclosure v1"


class Held(NamedTuple):
    """A data item as the provider holds it."""

    id: str
    category: str
    label: str
    value: str
    facts: Mapping[str, Any]


class Leaving(NamedTuple):
    """What would leave: bytes of the content, the refused items, and the digests."""

    content: bytes
    refused: list[delivery_pb2.RefusedItem]
    content_digest: bytes
    approval_digest: bytes
    kept: list[str]


def wanted(category: str, asked: Iterable[str]) -> bool:
    """Whether a category was asked for: itself, a parent of it, or everything (`*`)."""
    return any(one in ("*", category) or category.startswith(one) for one in asked)


def compose(
    *,
    request: bytes,
    disclosure: bytes,
    addressee: str,
    route: str,
    purpose: str,
    held: Sequence[Held],
    decision: Decision,
    dropped: Iterable[str],
    asked: Sequence[str],
) -> Leaving:
    """Only permitted fields, minus what the officer dropped, each with the conditions that stick to it."""
    away = set(dropped)
    permitted = [one for one in held if one.id not in away and _may_leave(decision, one.id)]
    content = delivery_pb2.DisclosureContent(
        request=request,
        disclosure=disclosure,
        items=[_item(one, decision, purpose) for one in sorted(permitted, key=lambda one: one.id)],
    ).SerializeToString(deterministic=True)
    refused = _refusals(held, decision, {one.id for one in permitted}, asked)
    digest = hashlib.sha256(content).digest()
    return Leaving(
        content,
        refused,
        digest,
        approval_digest(
            request=request,
            disclosure=disclosure,
            addressee=addressee,
            route=route,
            content_digest=digest,
            refused=refused,
        ),
        [one.id for one in permitted],
    )


def approval_digest(
    *,
    request: bytes,
    disclosure: bytes,
    addressee: str,
    route: str,
    content_digest: bytes,
    refused: Iterable[delivery_pb2.RefusedItem],
) -> bytes:
    """SHA-256 over what leaves, to whom, how; the disclosure's id is derived from the decision."""
    hashed = hashlib.sha256(PREFIX)
    parts = [request, disclosure, addressee.encode(), route.encode(), content_digest]
    parts += [item.SerializeToString(deterministic=True) for item in refused]
    for part in parts:
        hashed.update(len(part).to_bytes(4, "big") + part)
    return hashed.digest()


def disclosure_id(request: bytes, decision: str, kept: Iterable[str], attempt: int) -> bytes:
    """16 bytes that name the disclosure of exactly these items under exactly this decision."""
    text = "\0".join([decision, str(attempt), *sorted(kept)])
    return hashlib.sha256(b"comity disclosure id" + request + text.encode()).digest()[:16]


def _may_leave(decision: Decision, item: str) -> bool:
    found = decision.items.get(item)
    return found is not None and found.permitted


def _item(one: Held, decision: Decision, purpose: str) -> delivery_pb2.DisclosedItem:
    found = decision.items[one.id]
    cites = next((finding.cites for finding in found.findings if str(finding.effect) == "permit"), "")
    return delivery_pb2.DisclosedItem(
        item=one.id,
        category=one.category,
        label=one.label,
        value=one.value,
        conditions=conditions(one.facts, purpose).to_message(),
        article=cites,
    )


def conditions(facts: Mapping[str, Any], purpose: str) -> StickyConditions:
    """The conditions that travel with an item (LED Article 9(3))."""
    handling = parse_handling(str(facts.get("handling") or "H0"))
    until = facts.get("retention_until")
    return StickyConditions(
        purpose=purpose,
        origin=str(facts.get("origin_state") or "").upper(),
        handling=handling,
        evaluation=str(facts.get("evaluation") or ""),
        assessment=bool(facts.get("assessment")),
        evidence_use=False,  # Directive (EU) 2023/977, Article 1(4): evidence use needs consent of its own
        onward=False,
        retention_until=_end(until),
        note=str(facts.get("handling_note") or ""),
    )


def _end(day: object) -> datetime:
    if not isinstance(day, str) or not day:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59), tzinfo=UTC)


def _refusals(
    held: Sequence[Held], decision: Decision, leaving: set[str], asked: Sequence[str]
) -> list[delivery_pb2.RefusedItem]:
    """One line for each category asked for and ground, in words that give nothing away.

    A line names what the requester itself asked for: who asks for everything (`*`) reads the grounds of
    Article 6 and not which categories they fell on.
    """
    lines: dict[tuple[str, str], delivery_pb2.RefusedItem] = {}
    for one in held:
        found = decision.items.get(one.id)
        if one.id in leaving or found is None:
            continue
        named = _as_asked(one.category, asked)
        line = (
            minimised(named)
            if found.permitted
            else delivery_pb2.RefusedItem(
                category=named, ground=found.public_ground, way_out=found.public_way_out
            )
        )
        lines.setdefault((named, line.ground), line)
    for category in asked:
        if category != "*" and not any(wanted(one.category, [category]) for one in held):
            line = not_available(category)
            lines.setdefault((category, line.ground), line)
    return [lines[key] for key in sorted(lines)]


def _as_asked(category: str, asked: Sequence[str]) -> str:
    """The requester's own words for a category: the longest that cover it."""
    return max((one for one in asked if wanted(category, [one])), key=len, default="*")


def minimised(category: str) -> delivery_pb2.RefusedItem:
    """What an officer left out although the law would permit it (LED Article 4(1)(c))."""
    return delivery_pb2.RefusedItem(
        category=category,
        ground="It was left out as not necessary for the purpose stated.",
        way_out="State why it is needed for the purpose, and ask again.",
    )


def not_available(category: str) -> delivery_pb2.RefusedItem:
    """The ground of Article 6(1)(a): said alike of what is absent and of what must not be known to exist."""
    return delivery_pb2.RefusedItem(
        category=category,
        ground="The information is not available.",
        way_out="A request with other particulars can be made.",
    )
