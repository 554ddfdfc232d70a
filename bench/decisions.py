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
from policy.engine import decide, law
from policy.parameters import parameters


def measure(seconds: float = 1.0) -> dict[str, float]:
    """Decisions a processor second, one item each, by kind of proposal."""
    names = ("request", "own_initiative", "publish", "evaluate")
    return {f"{name}_per_second": _rate(name, seconds / len(names)) for name in names}


def measure_bulk(items: int = 100_000, classes: int = 20) -> dict[str, float]:
    """Items a processor second when `items` of `classes` kinds are published by one proposal."""
    one = proposal_from(base("publish"))
    kinds = [replace(one.items[0], kind=f"kind-{number}") for number in range(classes)]
    many = tuple(replace(kinds[number % classes], id=str(number)) for number in range(items))
    proposal = replace(one, items=many)
    start = time.process_time()
    decision = decide(proposal)
    spent = time.process_time() - start
    assert len(decision.items) == items
    return {"bulk_items_per_second": items / spent}


def slowest_rules(seconds: float = 1.0, count: int = 3) -> dict[str, float]:
    """The dearest rules asked about a disclosure, and the average rule: microseconds each."""
    proposal = proposal_from(base("request"))
    day = proposal.now.date()
    asked, _ = law().asked(proposal.action, day)
    figures, item = parameters(day, proposal.national), proposal.items[0]
    costs: dict[str, float] = {}
    for one in asked:
        until = time.process_time() + seconds / len(asked)
        calls, start = 0, time.process_time()
        while time.process_time() < until:
            for _ in range(100):
                one.body(proposal, item, figures)
            calls += 100
        costs[one.id] = 1e6 * (time.process_time() - start) / calls
    dearest = sorted(costs, key=lambda name: -costs[name])[:count]
    average = sum(costs.values()) / len(costs)
    return {f"average of {len(costs)}": average, **{name: costs[name] for name in dearest}}


def _rate(name: str, seconds: float) -> float:
    proposal = proposal_from(base(name))
    decide(proposal)
    count, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for _ in range(100):
            decide(proposal)
        count += 100
    return count / spent


if __name__ == "__main__":
    print(json.dumps({key: round(value) for key, value in {**measure(4.0), **measure_bulk()}.items()}))
