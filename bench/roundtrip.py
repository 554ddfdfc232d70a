"""From a request to the answer in the requester's hands, between two real nodes over mutual TLS.

What people do is done at once: the officers' signatures are ready-made programs. The median is of the wall
time from the officer's `send` to the stored answer: both outboxes, both decisions of the law, the sheet, the
proposal, the approval, the judgement at the moment of release, sealing to the requester, and opening. The
time in which a release can be taken back is set to nothing.
"""

from __future__ import annotations

import secrets
import time
from statistics import median, quantiles
from typing import NamedTuple

from bench.nodes import Remote, Seat, wait
from bench.pseudonymise import FACTS, take_in
from node.bootstrap import NodeApp
from node.records import InformationRequestRow
from node.service import approving, feeds, pseudonymise, publish, requests, status

LOOK = 0.001  # seconds between two looks at a node's table
ITEMS = "item:2(a)(i):subscriber;item:2(e)(i):payments"


class Times(NamedTuple):
    """Milliseconds: the whole, its steps, and the slowest tenth of the whole."""

    median: float
    ninth_decile: float
    steps: dict[str, float]


def measure(asker: Remote, provider: Remote, rounds: int) -> Times:
    """`rounds` requests on as many hits, one after the other."""
    hits = _hits(asker, provider, rounds)
    seen: list[dict[str, float]] = []
    for hit in hits:
        request = secrets.token_hex(16)
        provider.start(_officers, request, provider.seats)
        sent, arrived_back = asker.do(_ask, hit, request, asker.seats["proposer"])
        arrived, decided = provider.finish()
        seen.append(
            {
                "request travels": 1000 * (arrived - sent),
                "sheet, proposal, approval": 1000 * (decided - arrived),
                "judged again, released, answer travels": 1000 * (arrived_back - decided),
                "whole": 1000 * (arrived_back - sent),
            }
        )
    whole = [each["whole"] for each in seen]
    steps = {name: median(each[name] for each in seen) for name in seen[0] if name != "whole"}
    return Times(median(whole), quantiles(whole, n=10)[-1] if len(whole) > 1 else whole[0], steps)


def _hits(asker: Remote, provider: Remote, count: int) -> list[str]:
    """Makes `count` hits the way a day makes them: import, pseudonymise, publish, pull."""
    for remote in (asker, provider):
        remote.do(take_in, _file(count))
        remote.do(_exchange)
    asker.do(_pull, provider.team)
    provider.do(_pull, asker.team)
    for remote in (asker, provider):
        wait(lambda remote=remote: len(remote.do(_open_hits)) == count, "hits")  # type: ignore[misc]
    found: list[str] = asker.do(_open_hits)
    return found


def _file(count: int) -> bytes:
    lines = [*FACTS, f"kind;value;case;{ITEMS}"]
    lines += [f"phone;+316{12_000_000 + n:08};CASE-{n};A. Example;ten payments" for n in range(count)]
    return "\n".join(lines).encode()


def _exchange(app: NodeApp) -> None:
    *_, made = pseudonymise.pseudonymise(app.parts.node)
    assert "stopped" not in made["result"], made
    *_, last = publish.publish(app.parts.node)
    assert not any(feed["withheld"] for feed in last["result"]["feeds"].values()), last


def _pull(app: NodeApp, team: str) -> None:
    feeds.pull(app.parts.node, team)


def _open_hits(app: NodeApp) -> list[str]:
    with app.parts.node.store.read() as session:
        return [each["hit"] for each in status.hits(session)]


def _ask(app: NodeApp, hit: str, request: str, seat: Seat) -> tuple[float, float]:
    """Sends a request; the moments when it was sent and when its answer was stored."""
    node = app.parts.node
    ask = requests.Ask(
        request=request,
        hit=hit,
        items=["*"],
        legal_basis="national act, article 1",
        case_reference="NL-CASE-1",
        facts="recruitment and transport of victims for sexual exploitation",
        link="the selector is used by a suspect of the case",
    )
    signature = bytes.fromhex(seat.sign(requests.draft(node, ask)["digest"]))
    start = time.monotonic()
    requests.send_request(node, ask, signature)
    wait(lambda: _state(app, request) == "answered", "the answer comes", pause=LOOK)
    return start, time.monotonic()


def _officers(app: NodeApp, request: str, seats: dict[str, Seat]) -> tuple[float, float]:
    """Waits for the request and lets the officers answer it; the moments of arrival and of approval."""
    node = app.parts.node
    wait(lambda: _state(app, request), "the request comes", pause=LOOK)
    arrived = time.monotonic()
    sheet = approving.sheet(node, request, reviewed_by="proposer")
    assert len(sheet["leaves"]) == 2, sheet
    proposer, approver = seats["proposer"], seats["approver"]
    proposed = approving.propose(node, request, [], bytes.fromhex(proposer.sign(sheet["digest"])))
    for role in proposed["roles"]:
        signature = bytes.fromhex(approver.sign(proposed["digest"], role))
        approving.approve(node, proposed["disclosure"], signature)
    return arrived, time.monotonic()


def _state(app: NodeApp, request: str) -> str:
    with app.parts.node.store.read() as session:
        row = session.get(InformationRequestRow, request)
        return "" if row is None else row.state
