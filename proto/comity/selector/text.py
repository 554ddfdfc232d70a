"""The text that every kind starts from, and the one way to refuse it.

`clean` is applied before any kind sees a value: NFKC, no invisible characters (zero-width, bidi,
soft hyphen), one kind of space, one kind of dash, one kind of apostrophe, no control characters
but the line feed, trimmed, at most 512 characters. It is idempotent.

Refusals name the rule that was broken and never the value.
"""

from __future__ import annotations

import re
import unicodedata

from comity.errors import Malformed

MAX_CHARACTERS = 512

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹘﹣－⸺⸻"), "-")
_QUOTES = dict.fromkeys(map(ord, "‘’‛ʼʹ′`´＇"), "'")
_SPACES = re.compile(r"[ \t\f\v\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u00a0]+")


def refuse(message: str, code: str, remedy: str | None = None) -> Malformed:
    """The error to raise for a value that is not understood."""
    return Malformed(message, code=code, field="value", remedy=remedy)


def clean(value: str) -> str:
    """The common ground of all kinds.

    Raises:
        Malformed: `type`, `encoding`, `empty` or `too-long`.
    """
    if not isinstance(value, str):
        raise refuse("A selector is a text", "type")
    if len(value) > MAX_CHARACTERS:
        raise refuse(f"A selector has at most {MAX_CHARACTERS} characters", "too-long")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise refuse("The text is not valid Unicode", "encoding")
    text = _plain(value)
    if not text:
        raise refuse("The value is empty", "empty")
    if len(text) > MAX_CHARACTERS:
        raise refuse(f"A selector has at most {MAX_CHARACTERS} characters", "too-long")
    return text


def _plain(value: str) -> str:
    text = unicodedata.normalize("NFKC", value.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.translate(_DASHES).translate(_QUOTES)
    text = "".join(character for character in text if not _invisible(character))
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r" *\n *", "\n", _SPACES.sub(" ", text)).strip()


def _invisible(character: str) -> bool:
    category = unicodedata.category(character)
    return category == "Cf" or (category == "Cc" and character not in "\n\t\f\v")


def one_line(text: str) -> str:
    """The text with its line breaks as spaces."""
    return " ".join(text.split())


def fold_digits(text: str) -> str:
    """Decimal digits of any script as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(character)) if unicodedata.category(character) == "Nd" else character
        for character in text
    )


def squeeze(text: str, separators: str = " -./_") -> str:
    """The text with digits folded, and white space and the given separators removed."""
    return "".join(
        character
        for character in fold_digits(text)
        if not character.isspace() and character not in separators
    )


def drop_label(text: str, *labels: str) -> str:
    """The text without a leading label such as `IMEI:`."""
    pattern = r"^(?:" + "|".join(labels) + r")(?:\s*(?:no|nr|number)\b)?\s*[.:#=]*\s*"
    return re.sub(pattern, "", text, count=1, flags=re.IGNORECASE)


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1 annex B."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def ascii_digits(text: str) -> bool:
    """Whether the text is one or more of 0 to 9."""
    return text.isascii() and text.isdigit()
