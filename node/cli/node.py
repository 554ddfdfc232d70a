"""`comity-node`: the commands of a national team's node."""

from __future__ import annotations

import typer

from node.cli.commands import (
    backup,
    channel,
    consent,
    deciding,
    holdings,
    home,
    log,
    officers,
    operating,
    requests,
    roster,
    waiting,
)

app = typer.Typer(
    name="comity-node",
    help="A national team's node: find out that others investigate the same trafficker, and share what the "
    "law lets you share.",
    epilog="Exit codes: 0 done, 1 refused or failed, 2 bad usage or input, 3 unavailable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for commands in (home.app, holdings.app, requests.app, deciding.app, waiting.app, operating.app, backup.app):
    app.add_typer(commands)
for group in (
    requests.requests,
    consent.app,
    channel.app,
    roster.app,
    operating.keys,
    officers.app,
    log.app,
    requests.lead,
    deciding.siena,
    waiting.duties,
    operating.alarms,
):
    app.add_typer(group)


def main() -> None:
    """Entry point of `comity-node`."""
    app()
