"""requests, received, leads: asking after a hit, reading what came back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from comity.errors import Forbidden
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
    typed,
)
from node.cli.output import Screen, agree, reported, say

app = typer.Typer()
requests = group("requests", "Requests for information after a hit.")
lead = group("lead", "Sealed leads of members who may only submit.")


@requests.command("list", epilog="Example: comity-node requests list --home nl")
def list_(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List requests asked and received, newest first, with their deadlines."""
    with reported(as_json):
        found = node(home).call("requests.list")
        if as_json:
            say(found, as_json)
            return
        columns = ("request", "direction", "peer", "state", "officer", "due_at", "hit")
        say(
            [{name: each[name] for name in columns} for each in found],
            as_json,
            empty="There are no requests.",
        )


@requests.command(epilog="Example: comity-node requests show 5d3e… --home nl")
def show(
    request: Annotated[str, typer.Argument(help="Id of the request.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show one request: what was stated, and the answer if there is one."""
    with reported(as_json):
        found = node(home).call("requests.show", request=request)
        if as_json:
            say(found, as_json)
            return
        screen = Screen()
        stated, answer, items = found.pop("stated"), found.pop("answer"), found.pop("received")
        screen.heading(f"Request {found.pop('request')}")
        screen.pairs(found)
        screen.heading("Stated")
        screen.pairs(stated)
        if answer:
            screen.heading("Answer")
            screen.pairs(answer)
        if items:
            _show_received(screen, items)


@requests.command(
    epilog="Example: comity-node requests new 61aa… --items '2(a)' --items '2(b)' --purpose thb "
    "--legal-basis 'art. 8 Wet politiegegevens' --case NL-2026-0451 --facts 'adverts of one group' "
    "--link 'the number is in three adverts' --urgency U2 --urgency-reasons 'victim may be moved' "
    "--key officer-1.key"
)
def new(
    *,
    hit: Annotated[str, typer.Argument(help="Id of the hit.")],
    key: KeyOption,
    items: Annotated[list[str], typer.Option(help="Category of Annex II.B, or * for all; repeat for each.")],
    purpose: Annotated[str, typer.Option(help="The one purpose of this federation.")] = "thb",
    offence: Annotated[str, typer.Option(help="Code of the offence list.")] = "thb",
    legal_basis: Annotated[str, typer.Option(help="Your national act and article.")] = "",
    case: Annotated[str, typer.Option(help="Your case.")] = "",
    facts: Annotated[str, typer.Option(help="What is investigated (Article 4(5)).")] = "",
    link: Annotated[str, typer.Option(help="How the person is linked to the purpose.")] = "",
    urgency: Annotated[str, typer.Option(help="U1 to U4; empty when it is not urgent.")] = "",
    urgency_reasons: Annotated[str, typer.Option(help="Why it is urgent.")] = "",
    access: Annotated[str, typer.Option(help="direct, or indirect through a judicial authority.")] = "direct",
    exception: Annotated[str, typer.Option(help="Article 13(2): a, b or c.")] = "",
    use: Annotated[str, typer.Option(help="intel or evidence.")] = "intel",
    language: Annotated[str, typer.Option(help="Language of the request.")] = "en",
    subject: Annotated[str, typer.Option(help="The person's part, e.g. suspect.")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Judge only; sign and send nothing.")] = False,
    request: IdOption = "",
    yes: YesOption = False,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask the other side of a hit. Your own law judges first; what it refuses is not sent."""
    with reported(as_json):
        ask = {
            "request": new_id(request),
            "hit": hit,
            "items": items,
            "purpose": purpose,
            "offence": offence,
            "legal_basis": legal_basis,
            "case_reference": case,
            "facts": facts,
            "link": link,
            "urgency": urgency,
            "urgency_reasons": urgency_reasons,
            "access": access,
            "use": use,
            "language": language,
            "exception": exception,
            "subject_category": subject,
        }
        judged = node(home).call("requests.draft", ask=ask)
        if draft:
            say(judged, as_json, title="Not sent. Your own law says:")
            return
        if not as_json:
            _show_judged(judged)
        if not judged["permitted"]:
            raise _refused(judged)
        officer = officer_key(key)
        agree("Sign and send?", yes=yes, as_json=as_json)
        signature = node(home).sign(officer, bytes.fromhex(judged["digest"]), judged["role"])
        say(node(home).call("requests.send", ask=ask, signature=signature), as_json, title="Sent.")


@app.command(epilog="Example: comity-node received --home nl")
def received(
    request: Annotated[str | None, typer.Argument(help="Only what answers this request.")] = None,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show what peers disclosed, each item with the conditions that bind this team."""
    with reported(as_json):
        chosen: dict[str, Any] = {"request": request} if request else {}
        found = node(home).call("received", **chosen)
        if as_json or not found:
            say(found, as_json, empty="Nothing was received.")
            return
        _show_received(Screen(), found)


@lead.command(
    epilog="Example: echo +31201234567 | comity-node lead submit nl phone - --note 'seen in an advert'"
)
def submit(
    *,
    to: Annotated[str, typer.Argument(help="The national team that gets it.")],
    kind: Annotated[str, typer.Argument(help="Kind of selector, e.g. phone.")],
    value: Annotated[str, typer.Argument(help='The selector; "-" reads it from standard input.')] = "-",
    note: Annotated[str, typer.Option(help="What should be known about it.")] = "",
    name: IdOption = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Send one sealed lead. A receipt comes back, and never whether it met anything."""
    with reported(as_json):
        selector = typed(value, "value")
        given = new_id(name)
        sent = node(home).call("lead.submit", to=to, kind=kind, value=selector, note=note, lead=given)
        say(sent, as_json, title="Submitted.")


@lead.command("list", epilog="Example: comity-node lead list --home nl")
def leads(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List leads sent and received."""
    with reported(as_json):
        found: list[dict[str, Any]] = node(home).call("lead.list")
        say(found, as_json, empty="There are no leads.")


def _show_judged(judged: dict[str, Any]) -> None:
    screen = Screen()
    verdict = "may be sent" if judged["permitted"] else "would not stand"
    screen.heading(f"To {judged['to']}: by your own law this request {verdict}.")
    for reason in judged["reasons"]:
        screen.line(f"  {reason}")
    if judged["missing"]:
        screen.line(f"Missing: {', '.join(judged['missing'])}")
    screen.pairs({"request": judged["request"], "you_sign": judged["digest"], "as": judged["role"]})


def _refused(judged: dict[str, Any]) -> Forbidden:
    missing = ", ".join(judged["missing"])
    why = f"it does not state {missing}" if missing else "the law is against it"
    return Forbidden(
        f"The request was not sent: {why}.",
        code="request-defective",
        field=judged["missing"][0] if judged["missing"] else "request",
        remedy=judged["way_out"] or None,
    )


def _show_received(screen: Screen, items: list[dict[str, Any]]) -> None:
    for item in items:
        screen.heading(f"{item['label']} ({item['category']}) from {item['provider']}")
        shown = {name: item[name] for name in ("value", "state", "article", "item", "disclosure")}
        screen.pairs({**shown, **item["conditions"]})
