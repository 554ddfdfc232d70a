"""The decision sheet on a screen, in the order in which an officer decides.

1. What would leave, field by field. 2. Who would see it. 3. What the law says, with articles, and what
is missing. 4. What stays, and why. 5. What the requester reads of it. 6. Who signs what, until when.
"""

from __future__ import annotations

from typing import Any

from node.cli.output import Screen, say

LEAVING = ("item", "category", "label", "value", "handling", "evaluation", "article")
_OUTCOMES = {
    "PERMIT": "it may leave",
    "PERMIT_OBL": "it may leave, with obligations",
    "APPROVE": "it may leave once the roles below have signed",
    "DENY": "it may not leave",
}
_ROUTES = {
    "comity": "through Comity, sealed to the requester",
    "siena": "by SIENA, as a prepared message; Comity carries its reference",
    "none": "nothing leaves",
}


def show_sheet(sheet: dict[str, Any], as_json: bool, *, why: bool = False) -> None:
    """Shows the sheet, or gives it as JSON; `why` shows every finding of every rule."""
    if as_json:
        say(sheet, as_json)
        return
    screen = Screen()
    _leaves(screen, sheet)
    _seen_by(screen, sheet)
    _law(screen, sheet, why)
    _stays(screen, sheet)
    _requester_reads(screen, sheet)
    _signing(screen, sheet)


def _leaves(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("1. What would leave")
    if sheet["leaves"]:
        screen.table(sheet["leaves"], LEAVING)
    else:
        screen.line("Nothing.")


def _seen_by(screen: Screen, sheet: dict[str, Any]) -> None:
    screen.heading("2. Who would see it")
    screen.line(f"{sheet['requester']}, asked by {sheet['requester_officer']}; {_ROUTES[sheet['route']]}")


def _law(screen: Screen, sheet: dict[str, Any], why: bool) -> None:
    screen.heading(f"3. What the law says: {_OUTCOMES.get(sheet['outcome'], sheet['outcome'])}")
    for sentence in sheet["explained"] if why else _short(sheet["explained"]):
        screen.line(sentence)
    if sheet["missing"]:
        screen.line(f"Missing: {', '.join(sheet['missing'])}")


def _short(sentences: list[str]) -> list[str]:
    """What holds for the whole, and each obligation once; items' own reasons stand in parts 1 and 4."""
    whole = [each for each in sentences if not each.startswith((" ", "Item "))]
    duties = dict.fromkeys(each.strip() for each in sentences if each.startswith("  Obligation: "))
    return [*whole, *duties]


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
