"""Real nodes for measurements: homes with keys, a roster that all signed, a process each, mutual TLS between.

`running` hands out `Remote` nodes. `remote.do(function, …)` runs a top-level function inside
that node's process with its `NodeApp` as first argument, so that processor time is taken where the work is
done. The nodes are what `comity-node serve` runs, without the worker that fetches mail: there is no broker.
Telemetry goes to files, as in production; witnesses and periodical pulls are put off for the time being.
"""

from __future__ import annotations

import multiprocessing
import secrets
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from bench.raw import RawLoop
from comity.envelope import Signer
from comity.officer import approve, certify
from comity.roster import build_roster, fingerprint_of, make_card, sign_roster
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import MemberClass
from node.adapters.home import FileKeys, Home
from node.bootstrap import NodeApp, Parts
from node.service import federation, officers

FEDERATION = "bench"
PATIENCE = 120.0  # seconds that a node may take for a step that is only waited for
SETTINGS = {
    "daily_quota": 1_000_000_000,
    "epoch_quota": 1_000_000_000,
    "pull_seconds": 86_400,
    "witness_seconds": 86_400,
    "canary_seconds": 86_400,
    "release_seconds": 0,
}


class Seat(NamedTuple):
    """An officer's place, away from the node."""

    officer: str
    role: str
    seed: bytes
    certificate: bytes

    def sign(self, digest: str, role: str | None = None) -> str:
        """This officer's signature over a digest, both in hexadecimal."""
        signed = approve(
            self.seed,
            bytes.fromhex(digest),
            officer=self.officer,
            certificate=Envelope.FromString(self.certificate),
            role=role or self.role,
        )
        return signed.SerializeToString(deterministic=True).hex()


class Remote:
    """One node in a process of its own."""

    def __init__(self, team: str, home: Path, seats: dict[str, Seat]) -> None:
        self.team, self.seats = team, seats
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(home, theirs), daemon=True)
        self._process.start()
        self._answer()

    def start(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Begins `function(app, *arguments)` over there; `finish` gives its result."""
        self._pipe.send((function, arguments))

    def finish(self) -> Any:
        """The result of what was started."""
        return self._answer()

    def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Both."""
        self.start(function, *arguments)
        return self.finish()

    def close(self) -> None:
        """Ends the node."""
        self._pipe.send(None)
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()

    def _answer(self) -> Any:
        good, value = self._pipe.recv()
        if not good:
            raise RuntimeError(f"node {self.team}:\n{value}")
        return value


def _serve(home: Path, pipe: Connection) -> None:
    try:
        app = NodeApp(home, {})
        app.workers.pop("mail", None)
        app.start()
    except Exception:  # noqa: BLE001 - told to the parent, which raises it
        pipe.send((False, traceback.format_exc()))
        return
    pipe.send((True, None))
    while (task := pipe.recv()) is not None:
        function, arguments = task
        try:
            pipe.send((True, function(app, *arguments)))
        except Exception:  # noqa: BLE001
            pipe.send((False, traceback.format_exc()))
    app.stop(1.0)


@contextmanager
def running(
    teams: Sequence[str] = ("nl", "it", "ro"), *, threshold: int = 3, keys: bool = True, **settings: Any
) -> Iterator[dict[str, Remote]]:
    """Nodes that serve, with pseudonym keys made by their own ceremony; all gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="comity-bench-")))
        seats = _found(folder, teams, threshold, {**SETTINGS, **settings})
        nodes: dict[str, Remote] = {}
        for team in teams:
            nodes[team] = Remote(team, folder / team, seats[team])
            stack.callback(nodes[team].close)
        if keys:
            nodes[teams[0]].do(_begin_keys)
            for node in nodes.values():
                wait(lambda node=node: node.do(_has_keys), "the key ceremony ends")  # type: ignore[misc]
        yield nodes


def wait(condition: Callable[[], Any], what: str, *, pause: float = 0.05) -> Any:
    """The first truthy value of `condition`; RuntimeError when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {PATIENCE:.0f} seconds")
        time.sleep(pause)
    return found


def processor(_: NodeApp) -> float:
    """Processor seconds of the node's process so far, all threads."""
    return time.process_time()


def raw_unit(_: NodeApp, count: int = 200) -> float:
    """Processor seconds of one raw multiplication, there and now."""
    return RawLoop(count).seconds()


def _begin_keys(app: NodeApp) -> None:
    federation.generate_keys(app.parts.node)


def _has_keys(app: NodeApp) -> bool:
    return bool(federation.keys(app.parts.node)["epochs"])


def _found(
    folder: Path, teams: Sequence[str], threshold: int, settings: dict[str, Any]
) -> dict[str, dict[str, Seat]]:
    """Homes, a roster that every team signed and joined, and two officers a team."""
    now = datetime.now(UTC)
    addresses = dict(zip(teams, _free_addresses(len(teams)), strict=True))
    homes = {team: Home(folder / team) for team in teams}
    for team, home in homes.items():
        home.create(team, now)
        values = {"federation": FEDERATION, "team": team, "state": team.upper(), "listen": addresses[team]}
        home.write_settings({**values, **settings})
    roots = {team: Signer(home.secret("offline/root.key")) for team, home in homes.items()}
    roster = build_roster(
        [_card(team, homes[team], roots[team], addresses[team]) for team in teams],
        [],
        federation=FEDERATION,
        root_threshold=len(teams),
        share_threshold=threshold,
        composer=teams[0],
        issued_at=now,
        chance=secrets.token_bytes,
        mode="exercise",
    )
    for root in roots.values():
        roster = sign_roster(roster, root)
    return {team: _join(team, folder / team, roots[team], roster, now) for team in teams}


def _card(team: str, home: Home, root: Signer, address: str) -> Any:
    keys = FileKeys(home)
    return make_card(
        team=team,
        state=team.upper(),
        name=f"Team {team}",
        member_class=MemberClass.MEMBER_CLASS_MEMBER_STATE,
        address=address,
        root_key=root.public,
        signing_key=keys.signer.public,
        sealing_key=keys.sealing.public,
        authority_pem=home.authority.cert_pem,
    )


def _join(team: str, home: Path, root: Signer, roster: Envelope, now: datetime) -> dict[str, Seat]:
    parts = Parts(home, {})
    seats: dict[str, Seat] = {}
    try:
        federation.join(parts.node, roster.SerializeToString(), fingerprint_of(roster))
        roles = ["R-CO", "R-LO", "R-JUD", "R-PROS", "R-VIC", "R-FIU"]
        for name in ("proposer", "approver"):
            seed = secrets.token_bytes(32)
            certificate = certify(
                root,
                federation=FEDERATION,
                team=team,
                officer=name,
                public_key=Signer(seed).public,
                roles=roles,
                not_before=now - timedelta(days=1),
                not_after=now + timedelta(days=30),
                now=now,
                chance=secrets.token_bytes,
            ).SerializeToString(deterministic=True)
            seats[name] = Seat(name, "R-LO", seed, certificate)
            officers.enrol(parts.node, certificate)
    finally:
        parts.close()
    return seats


def _free_addresses(count: int) -> list[str]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
