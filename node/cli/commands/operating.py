"""status, doctor, alarms, canary, keys: what the operator looks at and tends."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from comity.errors import ComityError, Unavailable
from node.cli.options import HERE, HomeOption, JsonOption, KeyOption, act, group, node
from node.cli.output import Screen, reported, say

app = typer.Typer()
alarms = group("alarms", "What the node wants a person to look at.")
keys = group("keys", "The federation's pseudonym keys.")

WAIT = 0.5  # seconds between two looks at a ceremony


@app.command(epilog="Example: comity-node status --home nl --json")
def status(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Show the node on one screen: roster, keys, gate, peers, log, queues, alarms."""
    with reported(as_json):
        found = node(home).call("status")
        if as_json:
            say(found, as_json)
            return
        _show_status(found)


@app.command(epilog="Example: comity-node doctor it --home nl")
def doctor(
    peer: Annotated[str, typer.Argument(help="The peer's team id.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Test the road to one peer, step by step, and say in words what is wrong. Exit code 1 if anything is."""
    with reported(as_json):
        found = node(home).call("doctor", peer=peer)
        if as_json:
            say(found, as_json)
        else:
            screen = Screen()
            screen.heading(f"The road to {peer} {'is good' if found['ok'] else 'has a fault'}.")
            screen.table(found["checks"])
            if found["waiting"]:
                screen.heading("Waiting to be delivered")
                screen.table(found["waiting"])
        if not found["ok"]:
            raise typer.Exit(1)


@app.command(epilog="Example: comity-node canary --home nl")
def canary(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Ask the gate for a disclosure that it must refuse. Exit code 1 if it does not."""
    with reported(as_json):
        found = node(home).call("canary")
        say(
            found,
            as_json,
            title="The gate refused, as it must." if found["refused"] else "THE GATE LET IT PASS.",
        )
        if not found["refused"]:
            raise typer.Exit(1)


@app.command(epilog="Example: comity-node unlock --home nl --key officer-1.key")
def unlock(key: KeyOption, home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Open the door again after the gate was mended; the canary is asked at once."""
    with reported(as_json):
        say(act(home, key, "unlock"), as_json, title="The canary was asked again.")


@app.command(epilog="Example: comity-node drain --home nl")
def drain(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Try now to deliver all that waits for peers."""
    with reported(as_json):
        say(node(home).call("drain"), as_json)


@app.command(epilog="Example: comity-node sweep --home nl")
def sweep(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Erase now what is past its time; the serving node does it every hour by itself."""
    with reported(as_json):
        say(node(home).call("sweep"), as_json)


@alarms.command("list", epilog="Example: comity-node alarms list --home nl")
def list_(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List the open alarms."""
    with reported(as_json):
        say(node(home).call("status")["alarms"], as_json, empty="No alarm is open.")


@alarms.command(epilog="Example: comity-node alarms close 3 --home nl")
def close(
    number: Annotated[int, typer.Argument(help="The alarm's number.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say that a person has looked at an alarm."""
    with reported(as_json):
        say(node(home).call("alarms.close", number=number), as_json)


@keys.command(epilog="Example: comity-node keys generate --wait --home nl")
def generate(
    wait: Annotated[bool, typer.Option("--wait", help="Return when the keys are there.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.", min=0)] = 300.0,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Generate keys with all holders: none of them, and nobody else, ever holds a whole one."""
    with reported(as_json):
        made = node(home).call("keys.generate")
        if wait:
            made = _wait(home, made, time.monotonic() + timeout)
        say(made, as_json, title=f"Key generation for epoch {made['epoch']}: {made['state']}.")


@keys.command(epilog="Example: comity-node keys show --home nl")
def show(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Show the key sets, and how far the newest generation is."""
    with reported(as_json):
        found = node(home).call("keys.show")
        if as_json:
            say(found, as_json)
            return
        screen = Screen()
        if found["epochs"]:
            screen.table([{**each, "kinds": len(each["kinds"])} for each in found["epochs"]])
        if found["ceremony"]:
            screen.heading("Newest generation")
            screen.pairs(found["ceremony"])
        if not (found["epochs"] or found["ceremony"]):
            screen.line("There are no keys yet: comity-node keys generate")


@keys.command(epilog="Example: comity-node keys abandon 8f0c… --home nl")
def abandon(
    ceremony: Annotated[str, typer.Argument(help="The id that `keys show` gives.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """End a generation that cannot finish, e.g. because a holder is gone."""
    with reported(as_json):
        say(node(home).call("keys.abandon", ceremony=ceremony), as_json, title="Abandoned.")


def _wait(home: Path, made: dict[str, Any], until: float) -> dict[str, Any]:
    """The ceremony when it is over; errors when it failed or time is up."""
    state = made
    while state["state"] != "done":
        if state["state"] == "failed":
            raise ComityError(f"The key generation failed: {state['reason']}.", code="ceremony-failed")
        if time.monotonic() >= until:
            raise Unavailable(
                "The key generation is not finished; it goes on without this command.",
                code="ceremony-waits",
                remedy="comity-node keys show tells which holders are missing",
            )
        time.sleep(WAIT)
        newest = node(home).call("keys.show")["ceremony"]
        if newest is not None and newest["ceremony"] == made["ceremony"]:
            state = newest
    return state


def _show_status(found: dict[str, Any]) -> None:
    screen = Screen()
    screen.heading(f"Node {found.pop('team')} of {found.pop('federation')}")
    raised, peers = found.pop("alarms"), found.pop("peers")
    for alarm in raised:
        screen.heading(f"{alarm['level'].upper()} {alarm['id']}: {alarm['text']}", "bold red")
    screen.pairs(found)
    if peers:
        screen.heading("Peers")
        screen.table(peers)
