"""log: verified, witnessed, listed, exported for a court or a supervisor."""

from __future__ import annotations

import base64
from typing import Annotated

import typer

from node.cli import files
from node.cli.options import HERE, HomeOption, JsonOption, OutOption, group, node
from node.cli.output import reported, say

app = group("log", "The node's tamper-evident log.")


@app.command(epilog="Example: comity-node log verify --home nl")
def verify(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Recompute the whole log and hold it against every checkpoint. Exit code 1 if anything is wrong."""
    with reported(as_json):
        found = node(home).call("log.verify")
        say(found, as_json, title="The log holds." if found["ok"] else "THE LOG DOES NOT HOLD.")
        if not found["ok"]:
            raise typer.Exit(1)


@app.command(epilog="Example: comity-node log witness --home nl")
def witness(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Have the newest checkpoint cosigned by every witness that answers."""
    with reported(as_json):
        say(node(home).call("log.witness"), as_json)


@app.command("list", epilog="Example: comity-node log list --last 20 --home nl")
def list_(
    last: Annotated[int, typer.Option(help="How many records, the newest last.", min=1)] = 50,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the newest records."""
    with reported(as_json):
        found = node(home).call("log.list", last=last)
        if as_json:
            say(found, as_json)
            return
        columns = ("index", "at", "operation", "user", "member", "subject", "justification", "legal_basis")
        rows = [{name: each.get(name) for name in columns} for each in found]
        say(rows, as_json, empty="The log is empty.")


@app.command(epilog="Example: comity-node log export disclosure:77c1… -o court.bundle --content --home it")
def export(
    subject: Annotated[str, typer.Argument(help="disclosure:ID, request:ID, hit:ID, or all.")],
    output: OutOption,
    content: Annotated[
        bool, typer.Option("--content", help="With the content that left: for whoever may read it.")
    ] = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a bundle that `comity-verify` checks without any node."""
    with reported(as_json):
        found = node(home).call("log.export", subject=subject, content=content)
        data = base64.b64decode(found["bundle"])
        files.write_new(output, data, private=True)
        result = {"bundle": str(output), "bytes": len(data), "content": content}
        say(result, as_json, title="Written. Check it with: comity-verify")
