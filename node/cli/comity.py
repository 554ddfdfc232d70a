"""`comity`: what needs no node: the normal form of selectors, and the demonstration."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.options import JsonOption
from node.cli.output import reported

app = typer.Typer(
    name="comity",
    help="Find out that you investigate the same trafficker, without showing each other your data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def comity() -> None:
    """Find out that you investigate the same trafficker, without showing each other your data."""


@app.command(epilog="Example: echo '06 1234 5678' | comity normalise phone --region NL")
def normalise(
    kind: Annotated[
        str, typer.Argument(help="Kind of selector or an alias of it: phone, iban, wallet, btc …")
    ],
    region: Annotated[str | None, typer.Option(help="The country whose notation is meant, e.g. NL.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read values from standard input, one a line; write the normal form of each as one line of JSON.

    Exit code 0 when all lines were read, good or bad; 2 when the kind or the region is unknown.
    """
    with reported(as_json):
        import sys

        from node.cli.normalise import answers

        for line in answers(kind, region, sys.stdin.buffer):
            sys.stdout.write(line)
            sys.stdout.flush()  # whoever writes a line may wait for its answer


def main() -> None:
    """Entry point of `comity`."""
    from node.cli.demo.command import demo

    app.command("demo")(demo)
    app()
