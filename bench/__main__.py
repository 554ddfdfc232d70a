"""python -m bench: measures everything, or what is named, and says what meets its target.

    python -m bench                     complete; rewrites the tables of docs/performance.md
    python -m bench --quick             smaller sizes, a minute or so; rewrites nothing
    python -m bench --only decisions    one part; rewrites nothing

Every run writes var/bench.json.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench import decisions, matching, nodes, pseudonymise, pseudonyms, roundtrip
from bench.report import Figure, Report, Section, machine, write_document, write_json

ROOT = Path(__file__).resolve().parent.parent
JSON = ROOT / "var" / "bench.json"
DOCUMENT = ROOT / "docs" / "performance.md"


class Sizes(NamedTuple):
    """How much is measured."""

    batch: int
    batches: int
    rounds: int
    whole: int
    feed: int
    requests: int
    seconds: float


COMPLETE = Sizes(batch=1_000, batches=10, rounds=7, whole=20_000, feed=100_000, requests=100, seconds=4.0)
QUICK = Sizes(batch=1_000, batches=3, rounds=3, whole=3_000, feed=5_000, requests=15, seconds=1.0)


def measure_pseudonyms(sizes: Sizes) -> list[Section]:
    """Answerer, asker, bytes on the wire, and where the time goes."""
    alone = pseudonyms.measure(min(sizes.batch, 200), sizes.rounds)
    with nodes.running(("nl", "it", "ro"), threshold=3) as federation:
        answering = pseudonymise.answerer(federation, sizes.batch, sizes.batches, sizes.rounds)
        asking = pseudonymise.asker(federation, sizes.batch, sizes.rounds)
        whole = pseudonymise.whole(federation, sizes.whole)
    unit = "raw a selector"
    wire = asking.request_bytes + asking.answer_bytes + asking.audit_bytes
    return [
        Section(
            "answerer",
            "Answering a peer's batches",
            (
                Figure("raw multiplication, libsodium", alone.raw_microseconds, "µs"),
                Figure("answerer's speed, of raw multiplications", 100 / answering.raw, "%", 85, "at least"),
                Figure("multiplications, of its time", 100 * answering.multiplications, "%"),
                Figure("signatures, quota, log, database, of its time", 100 * answering.node, "%"),
                Figure("gRPC, TLS and idle workers, of its time", 100 * answering.transport, "%"),
                Figure("selectors a processor second", answering.per_second_and_core, ""),
            ),
        ),
        Section(
            "asker",
            "Asking, t = 3, verified",
            (
                Figure("arithmetic alone, audit", alone.asking["audit-blinds"], unit),
                Figure("audit (weights from the blinds)", asking.raw["audit"], unit, 6.5, "at most"),
                Figure("audit with random weights", asking.raw["audit, random"], unit),
                Figure("DLEQ proofs", asking.raw["dleq"], unit),
                Figure("whole node, gate and database included", whole.asker_raw, unit),
                Figure("both answerers together, meanwhile", whole.answerers_raw, unit),
            ),
        ),
        Section(
            "wire",
            "Bytes between asker and answerers, t = 3",
            (
                Figure("requests to two answerers", asking.request_bytes, "B a selector"),
                Figure("their answers", asking.answer_bytes, "B a selector"),
                Figure("audit, both directions", asking.audit_bytes, "B a selector"),
                Figure("together", wire, "B a selector", 230, "at most"),
                Figure(
                    "together, were no share the asker's own", wire * 3 / 2, "B a selector", 230, "at most"
                ),
            ),
        ),
        Section(
            "shares",
            "Where the time of pseudonymising goes, whole node, wall time",
            (
                Figure("selectors a second", whole.selectors_per_second, ""),
                *(Figure(step, 100 * share, "%") for step, share in whole.shares.items()),
            ),
        ),
    ]


def measure_feeds(sizes: Sizes) -> list[Section]:
    """Import, derive, publish, pull and match."""
    with nodes.running(("nl", "it"), threshold=2) as federation:
        rates = matching.measure(federation["nl"], federation["it"], sizes.feed)
    steps = {
        "import: read, normalise, seal, store": rates.take_in,
        "derive: gate, seal, tokens, store": rates.derive,
        "publish to one peer": rates.publish,
        "pull, verify, store and match": rates.pull_and_match,
    }
    unit = "selectors a processor second"
    return [
        Section(
            "feeds",
            f"Publishing and matching, {sizes.feed:,} selectors on each side, {rates.hits:,} in common",
            (
                *(Figure(step, rate, unit) for step, rate in steps.items()),
                Figure("SQLite alone: the same rows and commits", rates.engine, unit),
                Figure("numpy alone: sort and search the same tokens", rates.numpy, unit),
                Figure("pull and match, of SQLite alone", 100 * rates.pull_and_match / rates.engine, "%"),
                Figure("pull and match, of numpy alone", 100 * rates.pull_and_match / rates.numpy, "%"),
                Figure("published to each peer", rates.published_bytes, "B a selector", 18, "at most"),
            ),
        )
    ]


def measure_roundtrip(sizes: Sizes) -> list[Section]:
    """A request and its answer."""
    with nodes.running(("nl", "it"), threshold=2) as federation:
        times = roundtrip.measure(federation["nl"], federation["it"], sizes.requests)
    return [
        Section(
            "roundtrip",
            f"From request to answer, {sizes.requests} requests, officers' time excluded",
            (
                Figure("median", times.median, "ms", 150, "at most"),
                Figure("nine in ten are faster than", times.ninth_decile, "ms"),
                *(Figure(f"median: {step}", value, "ms") for step, value in times.steps.items()),
            ),
        )
    ]


def measure_decisions(sizes: Sizes) -> list[Section]:
    """The law."""
    rates = decisions.measure(sizes.seconds)
    bulk = decisions.measure_bulk(sizes.feed)["bulk_items_per_second"]
    slowest = decisions.slowest_rules(sizes.seconds / 4)
    unit = "decisions a processor second"
    return [
        Section(
            "decisions",
            "Decisions, nothing cached between them",
            (
                *(
                    Figure(name.replace("_per_second", "").replace("_", " "), rate, unit, 10_000, "at least")
                    for name, rate in rates.items()
                ),
                Figure("publish many of few classes, items a processor second", bulk, ""),
                *(Figure(f"rule {name}", cost, "µs") for name, cost in slowest.items()),
            ),
        )
    ]


PARTS: dict[str, Callable[[Sizes], list[Section]]] = {
    "decisions": measure_decisions,
    "pseudonyms": measure_pseudonyms,
    "feeds": measure_feeds,
    "roundtrip": measure_roundtrip,
}


def run(sizes: Sizes, parts: Sequence[str], *, quick: bool) -> Report:
    """Measures the named parts, one after the other."""
    here, began = machine(), time.monotonic()
    sections: list[Section] = []
    for part in parts:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        sections += PARTS[part](sizes)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Report(here, now, quick, time.monotonic() - began, tuple(sections))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit status 0, whatever the figures: they are to be read."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures Comity on this machine.")
    parser.add_argument("--quick", action="store_true", help="smaller sizes; the document stays as it is")
    parser.add_argument("--only", choices=PARTS, help="one part; the document stays as it is")
    given = parser.parse_args(arguments)
    report = run(
        QUICK if given.quick else COMPLETE, [given.only] if given.only else list(PARTS), quick=given.quick
    )
    print(report.to_text())
    write_json(report, JSON)
    if not given.quick and not given.only:
        write_document(report, DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
