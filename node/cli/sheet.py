"""The decision sheet on a screen, in the order in which an officer decides.

1. What would leave, field by field. 2. Who would see it. 3. What the law says, with articles, and what
is missing. 4. What stays, and why. 5. What the requester reads of it. 6. Who signs what, until when.
"""

from __future__ import annotations

from typing import Any

from node.cli.output import Screen, say

_ROUTES = {
    "comity": "through Comity, sealed to the requester",
    "siena": "by SIENA, as a prepared message; Comity carries its reference",
    "none": "nothing leaves",
}


def show_sheet(sheet: dict[str, Any], as_json: bool) -> None:
    """Shows the sheet, or gives it as JSON."""
    if as_json:
        say(sheet, as_json)
        return
    screen = Screen()
    _leaves(screen, sheet)
    _seen_by(screen, sheet)
    _law(screen, sheet)
    _stays(screen, sheet)
    _requester_reads(screen, sheet)
    _signing(screen, sheet)


def _leaves(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("1. What would leave")
    if not sheet["leaves"]:
        screen.line("Nothing.")
        return
    columns = ("item", "category", "label", "value", "handling", "evaluation", "article")
    screen.table(sheet["leaves"], columns)


def _seen_by(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("2. Who would see it")
    screen.line(f"{sheet['requester']}, asked by {sheet['requester_officer']}; {_ROUTES[sheet['route']]}")


def _law(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading(f"3. What the law says: {sheet['outcome']}")
    for sentence in sheet["explained"]:
        screen.line(sentence)
    if sheet["missing"]:
        screen.line(f"Missing: {', '.join(sheet['missing'])}")


def _stays(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("4. What stays, and why")
    if sheet["stays"]:
        screen.table(sheet["stays"], ("item", "category", "label", "reason", "article", "way_out"))
    else:
        screen.line("Nothing stays.")


def _requester_reads(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("5. What the requester reads of what stays")
    if sheet["requester_reads"]:
        screen.table(sheet["requester_reads"])
    else:
        screen.line("Nothing: whether more exists is not said.")


def _signing(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("6. Who signs")
    screen.pairs(
        {
            "roles": sheet["roles"],
            "digest": sheet["digest"],
            "due": f"{sheet['due_at']} ({sheet['deadline']})" if sheet["due_at"] else None,
            "request": sheet["request"],
            "decision": sheet["decision"],
            "disclosure": sheet["disclosure"],
        }
    )
