"""What pseudonyms cost, in multiples of one raw libsodium multiplication.

Each round measures one raw loop before and one after each job on the same thread, and divides; a figure is
the median over the rounds. So a figure hardly depends on the machine or on what else it runs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from bench.raw import RawLoop
from comity import ceremony, group, oprf, pseudonym, threshold
from comity.threshold import Batch, Commitments, Share, Weights

KIND = "phone"


class Federation(NamedTuple):
    """One key's shares and commitments, dealt by a seeded ceremony."""

    shares: dict[int, Share]
    commitments: Commitments
    chance: group.Chance


class Figures(NamedTuple):
    """Raw multiplications for each selector, and the raw multiplication itself in microseconds."""

    raw_microseconds: float
    answer: float
    answer_with_proof: float
    asking: dict[str, float]
    breakdown: dict[str, float]


def federation(threshold_: int = 3, holders: int = 5, seed: int = 7) -> Federation:
    """A key for one kind, shared over `holders`."""
    chance = random.Random(seed).randbytes  # noqa: S311
    run = bytes(16)
    dealings = {i: ceremony.deal(run, i, [KIND], threshold_, chance) for i in range(1, holders + 1)}
    dealts = {
        i: ceremony.check_public(d.public, d.commitment, run, i, [KIND], threshold_)
        for i, d in dealings.items()
    }
    done = {
        i: ceremony.finish(dealts, {j: d.shares_for(i) for j, d in dealings.items()}, i) for i in dealings
    }
    return Federation({i: keys[KIND] for i, (keys, _) in done.items()}, done[1][1][KIND], chance)


def measure(size: int = 200, rounds: int = 7, threshold_: int = 3) -> Figures:
    """All figures for batches of `size` selectors; the asker holds one of the `threshold_` shares."""
    fed, raw = federation(threshold_), RawLoop(min(size, 200))
    subset = tuple(range(1, threshold_ + 1))
    inputs = _inputs(size)
    jobs: dict[str, Callable[[], dict[str, float]]] = {
        "answer": lambda: _answer(fed, subset, inputs, proof=False),
        "answer_with_proof": lambda: _answer(fed, subset, inputs, proof=True),
        "dleq": lambda: _ask(fed, subset, inputs, None),
        "audit-blinds": lambda: _ask(fed, subset, inputs, Weights.BLINDS),
        "audit-random": lambda: _ask(fed, subset, inputs, Weights.RANDOM),
        "parts": lambda: _parts(size),
    }
    units: list[float] = []
    seen: dict[str, dict[str, list[float]]] = {name: {} for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            before, spent, after = raw.seconds(), job(), raw.seconds()
            units.append((before + after) / 2)
            for step, seconds in spent.items():
                seen[name].setdefault(step, []).append(seconds / size / units[-1])
    middle = {name: {step: median(all_) for step, all_ in steps.items()} for name, steps in seen.items()}
    return Figures(
        raw_microseconds=median(units) * 1e6,
        answer=middle["answer"]["total"],
        answer_with_proof=middle["answer_with_proof"]["total"],
        asking={name: middle[name]["total"] for name in ("dleq", "audit-blinds", "audit-random")},
        breakdown={k: v for k, v in middle["audit-blinds"].items() if k != "total"} | middle["parts"],
    )


def _inputs(size: int) -> list[bytes]:
    return [
        pseudonym.encode_input(pseudonym.PROFILE, pseudonym.PURPOSE, KIND, f"+3120{number:07}")
        for number in range(size)
    ]


def _answer(
    fed: Federation, subset: tuple[int, ...], inputs: list[bytes], *, proof: bool
) -> dict[str, float]:
    """The answering side of one batch."""
    elements = oprf.hash_inputs(inputs, oprf.Mode.VOPRF)
    clock = _Clock()
    evaluated = threshold.evaluate(fed.shares[2], subset, elements)
    if proof:
        threshold.prove(fed.shares[2], subset, elements, evaluated, fed.commitments, fed.chance)
    clock.lap("answer")
    return clock.laps


def _ask(
    fed: Federation, subset: tuple[int, ...], inputs: list[bytes], weights: Weights | None
) -> dict[str, float]:
    """The asking side of one batch, verified, down to feed tokens; the others' work is not counted.

    `weights` None means a DLEQ proof with each answer.
    """
    clock = _Clock()
    batch = Batch(inputs, subset, fed.commitments, fed.chance, fed.shares[1], weights or Weights.BLINDS)
    clock.lap("blind")
    for holder in batch.others:
        evaluated = threshold.evaluate(fed.shares[holder], subset, batch.elements)
        proof = b"" if weights else _proof(fed, holder, subset, batch.elements, evaluated)
        clock.skip()
        batch.accept(holder, evaluated, proof)
        clock.lap("own share, decode and add, proofs")
    if weights:
        element = batch.audit_element()
        clock.lap("audit element")
        for holder in batch.others:
            evaluated = threshold.evaluate(fed.shares[holder], subset, element)
            proof = _proof(fed, holder, subset, element, evaluated)
            clock.skip()
            batch.accept_audit(holder, evaluated, proof)
            clock.lap("audit answers")
    batch.unblinded()
    clock.lap("unblind and check")
    pseudonym.tokens(batch.outputs(), "nl")
    clock.lap("outputs and tokens")
    return clock.laps


def _proof(fed: Federation, holder: int, subset: tuple[int, ...], elements: bytes, evaluated: bytes) -> bytes:
    return threshold.prove(fed.shares[holder], subset, elements, evaluated, fed.commitments, fed.chance)


def _parts(size: int) -> dict[str, float]:
    """Single group operations, each over `size` elements."""
    clock = _Clock()
    elements = group.hash_each_to_group([b"%d" % number for number in range(size)], b"bench")
    clock.lap("one hash to the group")
    group.multiply_each(group.ORDER - 7, elements)
    clock.lap("one multiplication")
    group.sum_elements(elements)
    clock.lap("one addition to a sum")
    group.require_each(elements)
    clock.lap("one decoding")
    group.inverse_many(range(1, size + 1))
    clock.lap("one inverse")
    del clock.laps["total"]
    return clock.laps


class _Clock:
    """Processor seconds of this thread, by named lap."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {"total": 0.0}
        self._from = time.thread_time()

    def lap(self, name: str) -> None:
        now = time.thread_time()
        self.laps[name] = self.laps.get(name, 0.0) + now - self._from
        self.laps["total"] += now - self._from
        self._from = time.thread_time()

    def skip(self) -> None:
        self._from = time.thread_time()
