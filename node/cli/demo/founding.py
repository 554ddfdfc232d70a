"""Founding: broker and nodes are made, cards exchanged, the roster signed by all and pinned by each.

The rules: what an operator types is what happens here, by the very functions of the commands; every node
makes its own keys; officers are certified with their team's root key and enrolled, their keys stay in
`officers/<team>`. Addresses are free ports of the loopback interface.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import secrets
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from comity.officer_key import OfficerKey
from node.cli import files
from node.cli.commands import home as home_commands
from node.cli.commands import officers as officer_commands
from node.cli.commands import roster as roster_commands
from node.cli.demo.nation import Desk, Nation
from node.cli.demo.processes import Supervisor, clean_environment, program
from node.cli.demo.story import Officer, Story, Team
from node.cli.demo.waiting import StepFailed

FEDERATION = "demo"
BROKER = "hub"
THRESHOLD = 2
PACE = {"pull_seconds": 1, "witness_seconds": 2, "canary_seconds": 5, "release_seconds": 1}
COMMAND_SECONDS = 60


@dataclass(frozen=True)
class Federation:
    """What was founded."""

    folder: Path
    nations: dict[str, Nation]
    fingerprint: str
    supervisor: Supervisor

    def __getitem__(self, team: str) -> Nation:
        return self.nations[team]

    def others(self, team: str) -> list[Nation]:
        """All nations but one."""
        return [nation for nation in self.nations.values() if nation.id != team]


def found(story: Story, folder: Path, supervisor: Supervisor) -> Federation:
    """Makes everything that has to be there before the first process serves."""
    ports = free_ports(1 + len(story.teams))
    addresses = dict(zip([BROKER, *(team.id for team in story.teams)], ports, strict=True))
    with ThreadPoolExecutor(1) as beside:
        hub = beside.submit(_make_broker, folder / BROKER, addresses[BROKER])
        for team in story.teams:
            _make_node(team, folder / team.id, addresses[team.id])
        hub.result()
    fingerprint = _agree_on_roster(story, folder)
    with ThreadPoolExecutor(1) as beside:
        joined = beside.submit(_join_broker, folder, fingerprint)
        for team in story.teams:
            do(home_commands.join, roster=roster_file(folder), fingerprint=fingerprint, home=folder / team.id)
        joined.result()
    nations = {team.id: Nation(team, folder / team.id) for team in story.teams}
    return Federation(folder, nations, fingerprint, supervisor)


def roster_file(folder: Path) -> Path:
    """Where the signed roster lies."""
    return folder / f"{FEDERATION}.roster"


def serve(federation: Federation) -> None:
    """Starts broker and nodes; returns when all serve."""
    supervisor, folder = federation.supervisor, federation.folder
    hub = folder / BROKER
    environment = clean_environment(COMITY_BROKER_TELEMETRY=f"file:{hub / 'telemetry'}")
    command = [*program("comity-broker"), "serve", "--home", str(hub)]
    supervisor.start(BROKER, command, hub / "ready", environment)
    for nation in federation.nations.values():
        command = [*program("comity-node"), "serve", "--home", str(nation.home)]
        supervisor.start(nation.id, command, nation.home / "ready", clean_environment())
    supervisor.wait_ready([BROKER, *federation.nations])


def appoint(federation: Federation) -> None:
    """Makes, certifies and enrols every officer of the story."""
    for nation in federation.nations.values():
        desks = federation.folder / "officers" / nation.id
        desks.mkdir(parents=True, mode=0o700)
        for officer in nation.team.officers:
            desk = _desk(nation, officer, desks)
            nation.desks[officer.id] = desk
            nation.ask("officer.enrol", certificate=base64.b64encode(desk.certificate).decode())


def _desk(nation: Nation, officer: Officer, desks: Path) -> Desk:
    key = OfficerKey.generate(nation.id, officer.id, secrets.token_bytes)
    path, certificate = desks / f"{officer.id}.key", desks / f"{officer.id}.cert"
    files.write_new(path, key.to_text(None, secrets.token_bytes).encode(), private=True)
    do(
        officer_commands.certify,
        key=path,
        role=officer.roles,
        root_key=nation.home / home_commands.ROOT,
        output=certificate,
        federation=FEDERATION,
    )
    return Desk(key, certificate.read_bytes(), frozenset(officer.roles))


def do(command: Callable[..., None], **options: Any) -> dict[str, Any]:
    """Runs a command of `comity-node` in this process; its error in words is the step's."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            command(**options, as_json=True)
    except typer.Exit:
        raise _failed(said.getvalue(), command.__name__) from None
    answer: dict[str, Any] = json.loads(said.getvalue())
    return answer


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface on which nobody listens now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _make_node(team: Team, home: Path, port: int) -> None:
    address = f"127.0.0.1:{port}"
    do(
        home_commands.init,
        team=team.id,
        federation=FEDERATION,
        address=address,
        state=team.state,
        listen=address,
        name=team.name,
        home=home,
    )
    with (home / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write("# The demonstration's pace.\n")
        settings.writelines(f"{name} = {json.dumps(value)}\n" for name, value in PACE.items())


def _make_broker(home: Path, port: int) -> None:
    address = f"127.0.0.1:{port}"
    told = ["--broker", BROKER, "--federation", FEDERATION, "--address", address, "--name", "Example broker"]
    _run("comity-broker", "init", "--home", str(home), *told)
    with (home / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'listen = "{address}"\n')


def _join_broker(folder: Path, fingerprint: str) -> None:
    told = ["--home", str(folder / BROKER), "--fingerprint", fingerprint]
    _run("comity-broker", "join", str(roster_file(folder)), *told)


def _agree_on_roster(story: Story, folder: Path) -> str:
    """One composes, all sign; returns the fingerprint that they read out to each other."""
    draft = do(
        roster_commands.draft,
        federation=FEDERATION,
        threshold=THRESHOLD,
        output=roster_file(folder),
        card=[folder / team.id / home_commands.CARD for team in story.teams],
        broker=[folder / BROKER / f"{BROKER}.broker"],
        mode="exercise",
    )
    for team in story.teams:
        root = folder / team.id / home_commands.ROOT
        do(roster_commands.sign, file=roster_file(folder), root_key=root)
    return str(draft["fingerprint"])


def _run(name: str, *arguments: str) -> None:
    ended = subprocess.run(
        [*program(name), *arguments, "--json"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=COMMAND_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise _failed(ended.stdout, f"{name} {arguments[0]}")


def _failed(said: str, what: str) -> StepFailed:
    try:
        error = json.loads(said)["error"]
    except (ValueError, KeyError, TypeError):
        error = {"message": "it said nothing", "remedy": None}
    return StepFailed(f"{what} failed: {error['message']}", field=what, remedy=error.get("remedy"))
