"""Feed bodies: which tokens come and go, sorted and padded, each with its class.

Padding tokens are random, so that the size of a batch tells little and a newcomer cannot tell them
from the others; they match nothing, ever. Sorting hides the order of insertion and makes the reader's
search fast. One message holds at most 992 tokens, padding included: the protocol's limit is 1,000.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from comity.v1 import feed_pb2

PAD_TO = 16
LIMIT = 62 * PAD_TO
TOKEN = 16


class Entry(NamedTuple):
    """One feed entry to be: its class table, its body, and whether it belongs to a snapshot."""

    classes: list[feed_pb2.TokenClass]
    body: feed_pb2.FeedBody
    snapshot: bool
    complete: bool


class Change(NamedTuple):
    """What must happen to a feed so that it says what the gate permits today."""

    added: dict[bytes, str]
    removed: set[bytes]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def class_of(facts: Mapping[str, Any]) -> str:
    """The token class of a record's facts, as canonical text."""
    return json.dumps(
        [
            facts.get("kind", ""),
            (facts.get("retention_until") or "")[:7],
            facts.get("crime_area") or "",
            facts.get("handling") or "",
        ]
    )


def change(standing: Mapping[bytes, str], wanted: Mapping[bytes, str]) -> Change:
    """From what stands in the feed to what should; a token whose class changed is both."""
    removed = {token for token, kind in standing.items() if wanted.get(token) != kind}
    added = {token: kind for token, kind in wanted.items() if standing.get(token) != kind}
    return Change(added, removed)


def entries(what: Change, chance: Callable[[int], bytes], *, snapshot: bool = False) -> list[Entry]:
    """The change as entries of at most `LIMIT` tokens; a snapshot may be empty, a delta is not.

    A token that comes again with another class is an addition alone, which replaces what the reader has:
    in a change of several entries its removal might come after it.
    """
    removed = sorted(what.removed - set(what.added))
    tokens = sorted(what.added)
    pieces = [tokens[start : start + LIMIT] for start in range(0, len(tokens), LIMIT)]
    away = [removed[start : start + LIMIT] for start in range(0, len(removed), LIMIT)]
    count = max(len(pieces), len(away), 1 if snapshot else 0)
    return [
        _entry(
            {token: what.added[token] for token in (pieces[i] if i < len(pieces) else [])},
            away[i] if i < len(away) else [],
            chance,
            snapshot=snapshot,
            complete=i == count - 1,
        )
        for i in range(count)
    ]


def _entry(
    added: Mapping[bytes, str],
    removed: Sequence[bytes],
    chance: Callable[[int], bytes],
    *,
    snapshot: bool,
    complete: bool,
) -> Entry:
    table = sorted(set(added.values()))
    index = {name: place for place, name in enumerate(table)}
    rows = [(token, index[name]) for token, name in added.items()]
    while rows and len(rows) % PAD_TO:
        rows.append((chance(TOKEN), int.from_bytes(chance(2), "big") % len(table)))
    rows.sort()
    body = feed_pb2.FeedBody(
        added=b"".join(token for token, _ in rows),
        classes=b"".join(place.to_bytes(2, "big") for _, place in rows),
        removed=b"".join(removed),
    )
    return Entry([_class(name) for name in table], body, snapshot, complete)


def _class(name: str) -> feed_pb2.TokenClass:
    kind, month, crime_area, handling = json.loads(name)
    return feed_pb2.TokenClass(kind=kind, expiry_month=month, crime_area=crime_area, handling=handling)


def split(data: bytes, size: int = TOKEN) -> list[bytes]:
    """Fixed-size pieces of a byte string."""
    return [data[start : start + size] for start in range(0, len(data), size)]
