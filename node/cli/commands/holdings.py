"""import, publish, pull, records, withdraw, correct, erase, hits, feedback: the team's own selectors."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from comity.errors import Malformed
from node.cli import files
from node.cli.options import HERE, HomeOption, JsonOption, KeyOption, ReasonOption, act, node, typed
from node.cli.output import Screen, progress, reported, say

app = typer.Typer()

MAX_FILE = 64 * 1_048_576  # bytes


@app.command("import", epilog="Example: comity-node import adverts.csv money.csv --home nl")
def import_(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Case files: tables or JSON.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Read case files. A bad line is reported and costs only itself; the same file again changes nothing."""
    with reported(as_json):
        read = [(path, base64.b64encode(files.read(path, "case", MAX_FILE)).decode()) for path in sources]
        reports = []
        with progress(as_json) as show:
            for path, data in read:
                reports.append(node(home).call("import", name=path.name, data=data, progress=show))
        if as_json:
            say(reports, as_json)
            return
        for report in reports:
            _show_report(report)


@app.command(epilog="Example: comity-node publish --home nl")
def publish(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Pseudonymise what is new with the other key holders, judge it, and publish the feeds."""
    with reported(as_json):
        with progress(as_json) as show:
            result = node(home).call("publish", progress=show)
        if as_json:
            say(result, as_json)
        else:
            _show_published(result)


@app.command(epilog="Example: comity-node pull --home nl")
def pull(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Read all peers' feeds now. A peer that cannot be reached does not hold up the others."""
    with reported(as_json):
        found = node(home).call("pull")
        if as_json:
            say(found, as_json)
            return
        say(
            [_pulled(peer, read) for peer, read in sorted(found.items())],
            as_json,
            empty="No peer has a feed.",
        )


@app.command(epilog="Example: comity-node records --home nl")
def records(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List the team's own selector records."""
    with reported(as_json):
        say(node(home).call("records"), as_json, empty="Nothing was imported yet.")


@app.command(epilog="Example: comity-node items 2f1c… --home nl")
def items(
    record: Annotated[str, typer.Argument(help="Id of the record.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List what the team knows behind one record."""
    with reported(as_json):
        say(node(home).call("items", record=record), as_json, empty="There is nothing behind this record.")


@app.command(epilog='Example: comity-node withdraw 2f1c… --reason "case closed" --key officer-1.key')
def withdraw(
    record: Annotated[str, typer.Argument(help="Id of the record.")],
    reason: ReasonOption,
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a record out of matching, and recall what was disclosed of it."""
    with reported(as_json):
        say(act(home, key, "withdraw", record=record, reason=reason), as_json, title="Withdrawn.")


@app.command(epilog='Example: comity-node erase 2f1c… --reason "court order" --key officer-1.key')
def erase(
    record: Annotated[str, typer.Argument(help="Id of the record.")],
    reason: ReasonOption,
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Erase a record and its items here and, by recall, where they were disclosed."""
    with reported(as_json):
        say(act(home, key, "erase", record=record, reason=reason), as_json, title="Erased.")


@app.command(
    epilog='Example: comity-node correct 9a0b… --value "seen 3 May" --reason "typing error" --key o.key'
)
def correct(
    *,
    item: Annotated[str, typer.Argument(help="Id of the item, from `items`.")],
    value: Annotated[str, typer.Option(help='The right value; "-" reads it from standard input.')],
    reason: ReasonOption,
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Correct an item, and send the correction to whoever received it."""
    with reported(as_json):
        right = typed(value, "value")
        say(act(home, key, "correct", item=item, value=right, reason=reason), as_json, title="Corrected.")


@app.command(epilog="Example: comity-node recalls --home nl")
def recalls(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List recalls, and who has not confirmed them yet."""
    with reported(as_json):
        say(node(home).call("recalls"), as_json, empty="Nothing was recalled.")


@app.command(epilog="Example: comity-node hits --peer it --home nl")
def hits(
    peer: Annotated[str | None, typer.Option(help="Only those with this team.")] = None,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the hits: that both teams hold the same selector, and nothing more."""
    with reported(as_json):
        found = [each for each in node(home).call("hits") if peer in (None, each["peer"])]
        say(found, as_json, empty="There are no hits.")


@app.command(epilog="Example: comity-node feedback 61aa… false --key officer-1.key --home nl")
def feedback(
    hit: Annotated[str, typer.Argument(help="Id of the hit.")],
    verdict: Annotated[str, typer.Argument(help="confirmed or false.")],
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say whether a hit is one; the other side learns it, and a false one is not raised again."""
    with reported(as_json):
        if verdict not in ("confirmed", "false"):
            raise Malformed("A hit is confirmed or false.", field="verdict")
        say(act(home, key, "feedback", hit=hit, verdict=verdict), as_json, title=f"Marked as {verdict}.")


def _pulled(peer: str, read: dict[str, Any]) -> dict[str, Any]:
    error = read.get("error") or {}
    return {
        "peer": peer,
        "entries": read["entries"],
        "new_hits": read["hits"],
        "error": error.get("message"),
        "way_out": error.get("remedy"),
    }


def _show_report(report: dict[str, Any]) -> None:
    screen = Screen()
    problems = report.pop("problems")
    screen.heading(f"{report.pop('file')}: {len(problems)} problems")
    screen.pairs(report)
    if problems:
        screen.table(problems)


def _show_published(result: dict[str, Any]) -> None:
    """Each feed in one line, then what the law keeps at home, once for each record and reason."""
    screen = Screen()
    feeds = result.pop("feeds")
    screen.pairs(result)
    if feeds:
        screen.heading("Feeds")
        screen.table([{"peer": peer, **_counted(feed)} for peer, feed in sorted(feeds.items())])
    kept = {(each["record"], each["reason"]): each for feed in feeds.values() for each in feed["withheld"]}
    if kept:
        screen.heading("Kept at home")
        screen.table(list(kept.values()))


def _counted(feed: dict[str, Any]) -> dict[str, Any]:
    return {**feed, "withheld": len(feed["withheld"])}
