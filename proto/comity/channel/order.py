"""The one order in which everybody folds: a function of the set of events, never of their arrival."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Item = TypeVar("Item")
# (created_at_ms, author, sequence, digest); the digest parts the two halves of an equivocation.
Rank = tuple[int, str, int, bytes]


def total_order(
    items: Mapping[bytes, Item],
    parents: Callable[[Item], Iterable[bytes]],
    rank: Callable[[Item], Rank],
) -> list[Item]:
    """Causes before effects; among events that are free to come next, the lowest rank first.

    Parents that are not in `items` are passed over: the caller decides whether that is an error.
    """
    waits: dict[bytes, int] = {}
    children: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for digest, item in items.items():
        known = {parent for parent in parents(item) if parent in items}
        waits[digest] = len(known)
        for parent in known:
            children[parent].append(digest)
    ready = [(rank(items[digest]), digest) for digest, count in waits.items() if not count]
    heapq.heapify(ready)
    ordered: list[Item] = []
    while ready:
        _, digest = heapq.heappop(ready)
        ordered.append(items[digest])
        for child in children[digest]:
            waits[child] -= 1
            if not waits[child]:
                heapq.heappush(ready, (rank(items[child]), child))
    return ordered
