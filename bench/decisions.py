"""How many decisions a second one core makes, with all rules loaded and nothing cached between them.

`measure` judges a typical one-item release again and again; `measure_bulk` publishes many items of few
classes in one proposal. Run: python bench/decisions.py
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from policy.cases import base
from policy.codec import proposal_from
from policy.engine import decide


def measure(seconds: float = 1.0) -> dict[str, float]:
    """Decisions a second, one item each, by kind of proposal."""
    names = ("request", "own_initiative", "publish", "evaluate")
    return {f"{name}_per_second": _rate(name, seconds / len(names)) for name in names}


def measure_bulk(items: int = 100_000, classes: int = 20) -> dict[str, float]:
    """Items a second when `items` of `classes` kinds are published by one proposal."""
    one = proposal_from(base("publish"))
    kinds = [replace(one.items[0], kind=f"kind-{number}") for number in range(classes)]
    many = tuple(replace(kinds[number % classes], id=str(number)) for number in range(items))
    proposal = replace(one, items=many)
    start = time.perf_counter()
    decision = decide(proposal)
    spent = time.perf_counter() - start
    assert len(decision.items) == items
    return {"bulk_items_per_second": items / spent}


def _rate(name: str, seconds: float) -> float:
    proposal = proposal_from(base(name))
    decide(proposal)
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for _ in range(100):
            decide(proposal)
        count += 100
    return count / spent


if __name__ == "__main__":
    print(json.dumps({key: round(value) for key, value in {**measure(4.0), **measure_bulk()}.items()}))
