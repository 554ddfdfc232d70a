"""What every step of the play works with: the story, the federation, who tells, what is reported.

Ids of requests, messages, tasks and files follow from one seed and their names, so that a step that is
repeated after a crash does nothing twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from node.cli.demo.founding import Federation
from node.cli.demo.nation import Nation
from node.cli.demo.report import Report
from node.cli.demo.story import Story
from node.cli.demo.telling import Teller
from node.cli.demo.waiting import until


@dataclass(frozen=True)
class Stage:
    """The stage of one performance."""

    story: Story
    federation: Federation
    tell: Teller
    report: Report
    seed: bytes

    @property
    def nations(self) -> list[Nation]:
        """All nations, as the story orders them."""
        return list(self.federation.nations.values())

    def name(self, *words: str) -> str:
        """The id of what these words name: 32 hexadecimal digits."""
        return hashlib.sha256(self.seed + "\0".join(words).encode()).hexdigest()[:32]

    def until(self, condition: Any, what: str, *, node: str = "") -> Any:
        """Waits for a condition, while all processes are kept running."""

        def look() -> Any:
            self.federation.supervisor.check()
            return condition()

        return until(look, what, node=node)


def find_hit(nation: Nation, peer: str, kind: str, shared_by: int) -> str | None:
    """The hit of `nation` with `peer` on a selector of `kind` that `shared_by` teams hold, as its officers
    see it: the records behind the hit have met that many peers."""
    hits = nation.ask("hits")
    met: dict[str, set[str]] = {}
    for hit in hits:
        for record in hit["records"]:
            met.setdefault(record, set()).add(hit["peer"])
    order = {row["record"]: place for place, row in enumerate(nation.ask("records"))}
    found = [
        (min(order.get(record, len(order)) for record in hit["records"]), hit["hit"])
        for hit in hits
        if hit["peer"] == peer
        and hit["kind"] == kind
        and hit["records"]
        and any(len(met[record]) + 1 == shared_by for record in hit["records"])
    ]
    return min(found)[1] if found else None
