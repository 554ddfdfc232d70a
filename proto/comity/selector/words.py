"""Words and dates as people write them, for the kinds that are made of both.

`slug` turns a name in any script into lower-case ASCII words joined by hyphens. `find_date` reads
ISO dates and European ones (day first); month-first dates are refused rather than guessed.
"""

from __future__ import annotations

import re
from datetime import date

from anyascii import anyascii

from comity.selector.text import fold_digits, refuse

_DATE = re.compile(
    r"(?<![\d])(?:(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})\s?[-./]\s?(?P<m2>\d{1,2})\s?[-./]\s?(?P<y2>\d{4})"
    r"|(?P<y3>(?:19|20)\d\d)(?P<m3>\d\d)(?P<d3>\d\d))(?!\d)"
)
_MONTH_FIRST = {"US", "FM", "MH", "PW", "AS", "GU", "MP", "PR", "VI"}


def slug(text: str) -> str:
    """Lower-case ASCII letters and digits, joined by single hyphens; may be empty."""
    return "-".join(re.findall(r"[a-z0-9]+", anyascii(text).casefold().replace("'", "")))


def reads_as_date(text: str) -> bool:
    """Whether a date would be found in the text: such a name could not be told from the date beside it."""
    return _DATE.search(text) is not None


def find_date(text: str, region: str | None = None) -> tuple[date, str, str]:
    """The only date in the text, with what stands before and after it.

    Raises:
        Malformed: `needs-date`, `ambiguous-date` or `date`.
    """
    text = fold_digits(text)
    found = list(_DATE.finditer(text))
    if len(found) != 1:
        raise refuse("Exactly one date is needed", "needs-date", "Write it as YYYY-MM-DD")
    match = found[0]
    year, month, day = (
        int(match[f"{field}"] or match[f"{field}2"] or match[f"{field}3"]) for field in ("y", "m", "d")
    )
    if match["y2"] and (month > 12 or (region in _MONTH_FIRST and month != day)):
        raise refuse("The date may be month first", "ambiguous-date", "Write it as YYYY-MM-DD")
    if not 1880 <= year <= 2200:
        raise refuse("The year is outside 1880 to 2200", "date", "Write it as YYYY-MM-DD")
    try:
        return date(year, month, day), text[: match.start()], text[match.end() :]
    except ValueError:
        raise refuse("There is no such day", "date", "Write it as YYYY-MM-DD") from None
