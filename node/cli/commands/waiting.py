"""clarify, authorisation, duties: what an answer waits for, and what it leaves behind."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from node.cli.options import HERE, HomeOption, JsonOption, KeyOption, YesOption, act, group, node, officer_key
from node.cli.output import agree, reported, say

app = typer.Typer()
duties = group("duties", "What decisions leave to be done.")


@app.command(
    epilog="Example: comity-node clarify 5d3e… --text 'How is the number linked to the case?' --key o.key"
)
def clarify(
    request: Annotated[str, typer.Argument(help="Id of the request received.")],
    *,
    text: Annotated[str, typer.Option(help="The question; the requester reads it.")],
    key: KeyOption,
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask the requester before refusing; the clock stands until it answers with the clarified request."""
    with reported(as_json):
        agree("Sign and ask?", yes=yes, as_json=as_json)
        signature = _signed(home, key, request, "clarify", text)
        result = node(home).call("clarify", request=request, text=text, signature=signature)
        say(result, as_json, title="Asked. The clock stands.")


@app.command(
    epilog="Example: comity-node authorisation 5d3e… pending --words 'court of Milan, 5 days' --key o.key"
)
def authorisation(
    request: Annotated[str, typer.Argument(help="Id of the request received.")],
    state: Annotated[str, typer.Argument(help="pending, granted or refused.")],
    *,
    words: Annotated[str, typer.Option(help="Expected length and reasons; told when pending.")] = "",
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Record where a judicial authorisation stands: R-LO says pending, R-JUD says granted or refused."""
    with reported(as_json):
        status = "delayed" if state == "pending" else state
        signature = _signed(home, key, request, status, words)
        result = node(home).call(
            "authorisation", request=request, state=state, words=words, signature=signature
        )
        say(result, as_json, title=f"The authorisation is {state}.")


@duties.command("list", epilog="Example: comity-node duties list --home it")
def list_duties(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List duties, the open ones first, with the article and how each was done."""
    with reported(as_json):
        say(node(home).call("duties"), as_json, title="Duties")


@duties.command("done", epilog="Example: comity-node duties done 4 --how 'copy sent' --key officer-1.key")
def duty_done(
    number: Annotated[int, typer.Argument(help="Number of the duty.")],
    *,
    how: Annotated[str, typer.Option(help="How it was done.")],
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say, signed, how a duty was done."""
    with reported(as_json):
        say(act(home, key, "duties.done", number=number, how=how), as_json, title="Done, and logged.")


def _signed(home: Any, key: Any, request: str, status: str, text: str) -> str:
    officer = officer_key(key)
    found = node(home).call("words.digest", request=request, status=status, text=text)
    signed: str = node(home).sign(officer, bytes.fromhex(found["digest"]), found["role"])
    return signed
