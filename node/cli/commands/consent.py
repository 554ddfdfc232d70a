"""consent: the word of the state that an item comes from, asked, answered and kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from comity.errors import Malformed
from node.cli.options import (
    HERE,
    HomeOption,
    IdOption,
    JsonOption,
    KeyOption,
    YesOption,
    group,
    new_id,
    node,
    officer_key,
)
from node.cli.output import agree, reported, say

app = group("consent", "Consent of the state that information comes from.")


@app.command(
    epilog="Example: comity-node consent ask 9a0b… --use disclose --recipient it --reason 'asked' --key o.key"
)
def ask(
    item: Annotated[str, typer.Argument(help="The item, own or received.")],
    *,
    use: Annotated[str, typer.Option(help="disclose, onward, evidence, purpose or transfer.")],
    recipient: Annotated[str, typer.Option(help="Who would get it.")],
    reason: Annotated[str, typer.Option(help="Why; the state of origin reads it.")],
    key: KeyOption,
    consent: IdOption = "",
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask the team of origin, by category and use; the value is not in the question."""
    with reported(as_json):
        officer = officer_key(key)
        words: dict[str, Any] = {
            "consent": new_id(consent),
            "item": item,
            "use": use,
            "recipient": recipient,
            "reason": reason,
        }
        drafted = node(home).call("consent.draft", **words)
        agree(f"Sign and ask {drafted['to']}?", yes=yes, as_json=as_json)
        signature = node(home).sign(officer, bytes.fromhex(drafted["digest"]), drafted["role"])
        say(node(home).call("consent.ask", **words, signature=signature), as_json, title="Asked.")


@app.command(
    epilog="Example: comity-node consent answer 4b7d… granted --until 2027-06-30 --key officer-3.key"
)
def answer(
    consent: Annotated[str, typer.Argument(help="Id of the question.")],
    verdict: Annotated[str, typer.Argument(help="granted or refused.")],
    *,
    key: KeyOption,
    conditions: Annotated[str, typer.Option(help="What the recipient has to observe.")] = "",
    until: Annotated[str, typer.Option(help="Last day on which it holds, e.g. 2027-06-30.")] = "",
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Answer another team's question, signed by an officer with the role R-ORIG."""
    with reported(as_json):
        if verdict not in ("granted", "refused"):
            raise Malformed("A consent is granted or refused.", field="verdict")
        officer = officer_key(key)
        words: dict[str, Any] = {
            "consent": consent,
            "granted": verdict == "granted",
            "conditions": conditions,
        }
        words |= {"until": _end_of(until)} if until else {}
        drafted = node(home).call("consent.digest", **words)
        agree(f"Sign that it is {verdict}?", yes=yes, as_json=as_json)
        signature = node(home).sign(officer, bytes.fromhex(drafted["digest"]), drafted["role"])
        result = node(home).call("consent.answer", **words, signature=signature)
        say(result, as_json, title="Answered.")


@app.command(epilog="Example: comity-node consent show 4b7d… --home nl")
def show(
    consent: Annotated[str, typer.Argument(help="Id of the question.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show one question with its reason, and its answer if there is one."""
    with reported(as_json):
        say(node(home).call("consent.show", consent=consent), as_json)


@app.command("list", epilog="Example: comity-node consent list --home nl")
def list_(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List the questions asked, and those asked of this team."""
    with reported(as_json):
        say(node(home).call("consent.list"), as_json, empty="No consent was asked.")


def _end_of(day: str) -> str:
    """The last second of a day, UTC."""
    try:
        return f"{date.fromisoformat(day).isoformat()}T23:59:59+00:00"
    except ValueError:
        raise Malformed("A day is written 2027-06-30.", field="until") from None
