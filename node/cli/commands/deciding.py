"""decide, approve, refuse, take-back: what would leave, who signs it, until when it can be taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from comity.errors import Malformed
from node.cli import files
from node.cli.options import (
    HERE,
    HomeOption,
    JsonOption,
    KeyOption,
    YesOption,
    act,
    group,
    node,
    officer_key,
)
from node.cli.output import Screen, agree, reported, say
from node.cli.sheet import LEAVING, show_sheet

app = typer.Typer()
siena = group("siena", "Answers that the law sends by SIENA.")


@app.command(epilog="Example: comity-node decide 5d3e… --drop 9a0b… --key officer-1.key --propose --home it")
def decide(
    *,
    request: Annotated[str, typer.Argument(help="Id of the request received.")],
    drop: Annotated[list[str] | None, typer.Option(help="An item to leave out; repeat for each.")] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", envvar="COMITY_OFFICER_KEY", help="The reviewing officer's key file."),
    ] = None,
    propose: Annotated[bool, typer.Option("--propose", help="Sign what is shown, and propose it.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Every finding of every rule, item by item.")] = False,
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show what would leave, field by field, to whom, under which article, and what stays and why.

    With --propose an officer signs exactly that; another officer approves it.
    """
    with reported(as_json):
        officer = officer_key(key) if key else None
        if propose and officer is None:
            raise Malformed("Proposing needs an officer's key.", field="key", remedy="give --key OFFICER.key")
        reviewer: dict[str, Any] = {"officer": officer.officer} if officer else {}
        sheet = node(home).call("decide.sheet", request=request, drop=drop or [], **reviewer)
        if not (as_json and propose):
            show_sheet(sheet, as_json, why=why)
        if officer is None or not propose:
            return
        agree("Sign and propose?", yes=yes, as_json=as_json)
        signature = node(home).sign(officer, bytes.fromhex(sheet["digest"]))
        result = node(home).call("decide.propose", request=request, drop=drop or [], signature=signature)
        say(result, as_json, title="Proposed. Another officer approves it: comity-node approve")


@app.command(epilog="Example: comity-node approve 77c1… --key officer-2.key --home it")
def approve(
    *,
    disclosure: Annotated[str, typer.Argument(help="Id of the disclosure.")],
    key: KeyOption,
    role: Annotated[
        str, typer.Option(help="The role signed in; one that is needed and held, if absent.")
    ] = "",
    certificate: Annotated[
        Path | None,
        typer.Option(help="The certificate of an originator's officer, who is not enrolled here."),
    ] = None,
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Sign a proposed disclosure. With the last role it is scheduled, and can be taken back until then."""
    with reported(as_json):
        officer = officer_key(key)
        found = node(home).call("disclosures.show", disclosure=disclosure)
        signed = {each["role"] for each in found["approvals"]}
        if not as_json:
            _show_disclosure(found)
            agree("Sign and approve?", yes=yes, as_json=as_json)
        signature = node(home).sign(
            officer,
            bytes.fromhex(found["digest"]),
            role or None,
            certificate=_certificate(certificate),
            among=[each for each in found["roles"] if each not in signed] or found["roles"],
        )
        result = node(home).call("approve", disclosure=disclosure, signature=signature)
        say(result, as_json, title=f"Approved; the disclosure is {result['state']}.")


@app.command("take-back", epilog="Example: comity-node take-back 77c1… --key officer-1.key --home it")
def take_back(
    disclosure: Annotated[str, typer.Argument(help="Id of the disclosure.")],
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a disclosure back before it is released; afterwards only withdraw or correct helps."""
    with reported(as_json):
        say(act(home, key, "take-back", disclosure=disclosure), as_json, title="Taken back. Nothing left.")


@app.command(epilog="Example: comity-node refuse 5d3e… --key officer-1.key --home it")
def refuse(
    request: Annotated[str, typer.Argument(help="Id of the request received.")],
    key: KeyOption,
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Refuse a request as a whole, on the law's own grounds. Shows what the requester will read."""
    with reported(as_json):
        officer = officer_key(key)
        found = node(home).call("refuse.sheet", request=request)
        if not as_json:
            screen = Screen()
            screen.heading("The requester will read, and nothing else:")
            if found["requester_reads"]:
                screen.table(found["requester_reads"])
            else:
                screen.line("that the request is refused")
            agree("Sign and refuse?", yes=yes, as_json=as_json)
        signature = node(home).sign(officer, bytes.fromhex(found["digest"]), found["role"])
        result = node(home).call("refuse", request=request, signature=signature)
        say(result, as_json, title=f"The request is {result['state']}.")


@app.command(epilog="Example: comity-node disclosures --home it")
def disclosures(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List disclosures: proposed, scheduled, released, taken back, stopped."""
    with reported(as_json):
        found = node(home).call("disclosures")
        if as_json:
            say(found, as_json)
            return
        columns = ("disclosure", "request", "peer", "state", "route", "proposer", "roles", "release_at")
        rows = [{name: each[name] for name in columns} for each in found]
        say(rows, as_json, empty="There are no disclosures.")


@app.command(
    epilog="Example: comity-node decision 0c9d… --home it > decision.json; comity-policy replay decision.json"
)
def decision(
    name: Annotated[str, typer.Argument(metavar="DECISION", help="Id of the decision, from `decide`.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Print a stored decision as JSON, for `comity-policy replay`."""
    with reported(as_json):
        found = node(home).call("decision", decision=name)
        typer.echo(json.dumps(found, sort_keys=True, indent=None if as_json else 1))


@siena.command(epilog="Example: comity-node siena show 77c1… --key officer-1.key --home it")
def show(
    disclosure: Annotated[str, typer.Argument(help="Id of the disclosure.")],
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show the prepared SIENA message of a released disclosure."""
    with reported(as_json):
        found = act(home, key, "siena.show", disclosure=disclosure)
        if as_json:
            say(found, as_json)
            return
        screen = Screen()
        entities = found.pop("entities")
        screen.pairs(found)
        for entity in entities:
            screen.heading(f"{entity['label']} ({entity['category']})")
            screen.pairs(entity)


@siena.command(
    epilog="Example: comity-node siena sent 77c1… --receipt 4711-2026 --key officer-1.key --home it"
)
def sent(
    disclosure: Annotated[str, typer.Argument(help="Id of the disclosure.")],
    receipt: Annotated[str, typer.Option(help="SIENA's own receipt or message number.")],
    key: KeyOption,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Record that the message went out by SIENA."""
    with reported(as_json):
        result = act(home, key, "siena.sent", disclosure=disclosure, receipt=receipt)
        say(result, as_json, title="Recorded.")


def _certificate(path: Path | None) -> bytes | None:
    if path is None:
        return None
    return files.read_envelope(path, "certificate").SerializeToString(deterministic=True)


def _show_disclosure(found: dict[str, Any]) -> None:
    screen = Screen()
    screen.heading(f"Disclosure to {found['peer']}, proposed by {found['proposer']}")
    names = ("disclosure", "request", "state", "route", "roles", "approvals", "refused", "digest")
    screen.pairs({name: found[name] for name in names})
    if found.get("leaves"):
        screen.heading("What would leave")
        screen.table(found["leaves"], LEAVING)
