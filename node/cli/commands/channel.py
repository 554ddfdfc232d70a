"""channel: the shared case of the teams on the sides of a hit."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from comity.errors import Corrupt
from node.cli import files
from node.cli.options import (
    HERE,
    HandlingOption,
    HomeOption,
    IdOption,
    JsonOption,
    KeyOption,
    OutOption,
    ReasonOption,
    act,
    group,
    new_id,
    node,
)
from node.cli.output import Screen, reported, say

app = group("channel", "Channels: shared cases that a hit opens.")

MAX_FILE = 64 * 1_048_576  # bytes

ChannelArgument = Annotated[str, typer.Argument(help="Id of the channel.")]
NoteOption = Annotated[str, typer.Option("--note", help="What should be known about it.")]


@app.command(
    "open", epilog="Example: comity-node channel open 61aa… --title 'Adverts' --key officer-1.key --home nl"
)
def open_(
    *,
    hits: Annotated[list[str], typer.Argument(help="Ids of the hits that justify it.")],
    title: Annotated[str, typer.Option(help="How the members call it.")],
    key: KeyOption,
    nonce: IdOption = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Open a channel with the teams on the other side of one or more hits."""
    with reported(as_json):
        result = act(home, key, "channel.open", hits=hits, title=title, nonce=new_id(nonce))
        say(result, as_json, title="Opened.")


@app.command(
    epilog="Example: comity-node channel add 3e2a… ro --reason 'the recruiter' --key officer-1.key --home nl"
)
def add(
    *,
    channel: ChannelArgument,
    team: Annotated[str, typer.Argument(help="The team that joins.")],
    reason: ReasonOption,
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Bring another team in; what was said before stays with those who said it."""
    with reported(as_json):
        result = act(home, key, "channel.add", channel=channel, team=team, reason=reason)
        say(result, as_json, title=f"{team} joins.")


@app.command(epilog="Example: comity-node channel post 3e2a… 'Meet on Monday' --key officer-1.key --home nl")
def post(
    *,
    channel: ChannelArgument,
    text: Annotated[str, typer.Argument(help="The message.")],
    key: KeyOption,
    handling: HandlingOption = "H0",
    message: IdOption = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write to all members."""
    with reported(as_json):
        words = {"channel": channel, "text": text, "handling": handling, "message": new_id(message)}
        say(act(home, key, "channel.post", **words), as_json, title="Written.")


@app.command(
    epilog="Example: comity-node channel task 3e2a… 'Check the lease' --assignee it --key o.key --home nl"
)
def task(
    *,
    channel: ChannelArgument,
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    assignee: Annotated[str, typer.Option(help="The team that is asked.")],
    key: KeyOption,
    note: NoteOption = "",
    name: IdOption = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask a task of one team. It starts as Requested; that team approves it."""
    with reported(as_json):
        words = {"channel": channel, "title": title, "assignee": assignee, "note": note}
        given = new_id(name)
        result = act(home, key, "channel.task", task=given, **words)
        say({**result, "task": given}, as_json, title="Requested.")


@app.command(epilog="Example: comity-node channel move 3e2a… 90ff… Approved --key officer-1.key --home it")
def move(
    *,
    channel: ChannelArgument,
    task: Annotated[str, typer.Argument(help="Id of the task.")],
    to: Annotated[str, typer.Argument(help="Approved, Doing, Review or Done.")],
    key: KeyOption,
    note: NoteOption = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Move a task along."""
    with reported(as_json):
        result = act(home, key, "channel.move", channel=channel, task=task, to=to, note=note)
        say(result, as_json, title=f"The task is {to}.")


@app.command(
    epilog="Example: comity-node channel file 3e2a… photo.jpg --handling H1 --key officer-1.key --home nl"
)
def file(
    *,
    channel: ChannelArgument,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="At most 64 MiB.")],
    key: KeyOption,
    handling: HandlingOption = "H0",
    note: NoteOption = "",
    name: IdOption = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Share a file with all members."""
    with reported(as_json):
        data = base64.b64encode(files.read(source, "shared", MAX_FILE)).decode()
        given = new_id(name)
        words = {"channel": channel, "name": source.name, "handling": handling, "note": note, "file": given}
        result = act(home, key, "channel.file", data=data, **words)
        say({**result, "file": given}, as_json, title="Shared.")


@app.command(epilog="Example: comity-node channel fetch 3e2a… 12ab… -o photo.jpg --home it")
def fetch(
    channel: ChannelArgument,
    name: Annotated[str, typer.Argument(metavar="FILE", help="Id of the file.")],
    output: OutOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a shared file to disk, its SHA-256 checked."""
    with reported(as_json):
        found = node(home).call("channel.fetch", channel=channel, file=name)
        data = base64.b64decode(found["data"])
        if hashlib.sha256(data).hexdigest() != found["sha256"]:
            raise Corrupt("The file is not the one that was announced.", field="file")
        files.write_new(output, data, private=True)
        result = {"file": str(output), "name": found["name"], "sha256": found["sha256"], "size": len(data)}
        say(result, as_json, title="Written.")


@app.command(epilog="Example: comity-node channel show 3e2a… --home nl")
def show(channel: ChannelArgument, home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Show the shared case: members, messages, tasks, files, timeline."""
    with reported(as_json):
        found = node(home).call("channel.show", channel=channel)
        if as_json:
            say(found, as_json)
            return
        _show_case(found)


@app.command("list", epilog="Example: comity-node channel list --home nl")
def list_(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List the team's channels."""
    with reported(as_json):
        say(node(home).call("channel.list"), as_json, empty="There are no channels.")


@app.command(
    epilog="Example: comity-node channel close 3e2a… --reason 'JIT signed' --key officer-1.key --home nl"
)
def close(
    channel: ChannelArgument,
    reason: ReasonOption,
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Close a channel: nothing is written after it."""
    with reported(as_json):
        say(act(home, key, "channel.close", channel=channel, reason=reason), as_json, title="Closed.")


def _show_case(found: dict[str, Any]) -> None:
    screen = Screen()
    case = found.pop("case")
    lists = {name: case.pop(name) for name, value in list(case.items()) if isinstance(value, list)}
    screen.heading(f"Channel {found.pop('channel', '')}")
    screen.pairs({**case, **found})
    for name, rows in lists.items():
        if rows and isinstance(rows[0], dict):
            screen.heading(name.replace("_", " ").capitalize())
            screen.table([_short(row) for row in rows])


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what has a list of its own inside it."""
    return {name: value for name, value in row.items() if not isinstance(value, (list, dict))}
