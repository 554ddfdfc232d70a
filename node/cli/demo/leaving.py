"""What is left behind: a federation that goes on working, and a text that says how."""

from __future__ import annotations

from pathlib import Path

from comity.errors import Conflict
from node.cli.demo.founding import BROKER, Federation, roster_file
from node.cli.demo.stage import Stage


def check_empty(folder: Path) -> None:
    """Conflict unless the folder is not there yet, or is empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            "The folder for the federation is not empty.",
            code="not-empty",
            field="--keep",
            remedy="choose another folder; nothing is overwritten",
        )


def summary(stage: Stage) -> list[str]:
    """The end of the story, in sentences."""
    report = stage.report
    routes = [each["route"] for each in report.disclosures]
    published = sum(each["published"] for each in report.published)
    other = len(report.requests) - len(routes)
    carried = f"{routes.count('comity')} answered by Comity, {routes.count('siena')} by SIENA"
    lines = [
        f"{len(report.hits)} hits; {published} pseudonyms published, {len(report.withheld)} withheld.",
        f"{len(report.requests)} requests: {carried}, {other} not answered with content.",
    ]
    for channel in report.channels:
        members = ", ".join(channel["members"])
        lines.append(f"A channel of {members} with the same events at each of them.")
    lines.append(f"All logs hold and are cosigned. {report.seconds} seconds.")
    return lines


def write_readme(federation: Federation) -> None:
    """How to go on with what was kept."""
    folder = federation.folder.resolve()
    first = next(iter(federation.nations.values()))
    serving = [f"comity-broker serve --home {folder / BROKER} &"]
    serving += [
        f"comity-node serve --home {nation.home.resolve()} &" for nation in federation.nations.values()
    ]
    officer = next(iter(first.desks))
    commands = [
        f"comity-node status --home {first.home.resolve()}",
        f"comity-node hits --home {first.home.resolve()}",
        f"comity-node requests list --home {first.home.resolve()}",
        f"comity-node channel list --home {first.home.resolve()}",
        f"comity-node log verify --home {first.home.resolve()}",
        f"comity-node officer list --home {first.home.resolve()}",
    ]
    text = f"""# A federation kept by `comity demo`

Everything here is invented, and the roster is in exercise mode. Fingerprint of the roster:
{federation.fingerprint}

Start it:

    {_indented(serving)}

Then, for example:

    {_indented(commands)}

| Folder or file | What |
|---|---|
| {", ".join(f"`{name}/`" for name in federation.nations)} | the homes of the nodes |
| `{BROKER}/` | the home of the broker |
| `officers/` | keys and certificates of the officers, as `--key {folder}/officers/{first.id}/{officer}.key` |
| `bundles/` | what was exported about disclosures, for `comity-verify` |
| `{roster_file(folder).name}` | the signed roster |
| `run/` | output and process numbers of the demonstration |

A real team keeps `offline/root.key` of its node and the keys of its officers somewhere else.
"""
    (folder / "README.md").write_text(text, encoding="utf-8")


def _indented(lines: list[str]) -> str:
    return "\n    ".join(lines)
