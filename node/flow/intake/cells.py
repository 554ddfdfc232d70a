"""One cell as a spreadsheet leaves it, turned into the text that a person saw.

Promised: invisible characters and the spreadsheet's own marks for text (`'0722…`, `="0722…"`) are taken
off; a number that the spreadsheet has already damaged and a formula are refused, because what was typed
cannot be known any more. `+31…`, `@name` and `-` are plain text here; nothing is ever evaluated.
"""

from __future__ import annotations

import re

from .codes import Unreadable

MAX_CELL = 4096  # characters

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u3000"), " ")
_INVISIBLE = dict.fromkeys(
    [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
_TABLE = _SPACES | _INVISIBLE
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TEXT_FORMULA = re.compile(r'^="([^"]*)"$')
_COMMAND = re.compile(r"^[=+@-].*\|.*!")
_SCIENTIFIC = re.compile(r"^[+-]?\d(?:[.,]\d+)?E\+\d{1,3}$", re.IGNORECASE)
_FLOAT = re.compile(r"^\d{5,}[.,]0+$")
_LOST = re.compile(r"^#{2,}$|^#(?:REF|N/A|VALUE|NAME|DIV/0|NUM|NULL)[!?]?$", re.IGNORECASE)


def clean(cell: str) -> str:
    """The text of a cell. Raises Unreadable for one too long, with control characters, or a formula."""
    if cell.isascii() and cell.isalnum() and len(cell) <= MAX_CELL:
        return cell
    if len(cell) > MAX_CELL:
        raise Unreadable("too-long", f"A cell holds more than {MAX_CELL} characters.", "Shorten the text.")
    if "\ufffd" in cell:
        raise Unreadable(
            "damaged",
            "A cell holds bytes that are no text in the encoding of the file.",
            "Type it anew, and save the file as UTF-8.",
        )
    text = (cell if cell.isascii() else cell.translate(_TABLE)).strip()
    if _UNPRINTABLE.search(text):
        raise Unreadable("unprintable", "A cell holds characters that cannot be printed.", "Type it anew.")
    if text[:1] in ("=", "'", "+", "@", "-"):
        return _unmarked(text)
    return text


def _unmarked(text: str) -> str:
    if found := _TEXT_FORMULA.match(text):
        return found[1].strip()
    if text.startswith("=") or _COMMAND.match(text):
        raise Unreadable("formula", "A cell holds a formula.", "Paste the column as values and save again.")
    return text[1:].strip() if text.startswith("'") else text


def undamaged(text: str) -> str:
    """`text`, unless a spreadsheet has turned it into a number and lost digits on the way."""
    if text and (_SCIENTIFIC.match(text) or _FLOAT.match(text)):
        raise Unreadable(
            "excel-number",
            "The spreadsheet has turned this value into a number and lost digits.",
            "Format the column as text and enter the value again from its source.",
        )
    if text.startswith("#") and _LOST.match(text):
        raise Unreadable(
            "excel-error",
            "The spreadsheet saved an error sign instead of the value.",
            "Enter the value again.",
        )
    return text
