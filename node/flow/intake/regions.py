"""Which country's notation a value is in, when the line does not say.

Promised: a stated region is always the one used. Without one, a value that names its own country (`+31…`,
`NL: 12-ABC-3`) is read so, and anything else in the notation of the team's state. Plates, documents and
register numbers can be read both ways (`IS 12 ABC` is a plate of Iași, or an Icelandic one): a plate with the
form of the team's own state is its own; where nothing decides, the line is refused rather than misread,
because a wrong reading would never match and nobody would learn of it.
"""

from __future__ import annotations

import re

from comity.errors import Malformed
from comity.selector import normalise

from .codes import Unreadable

_TWO_READINGS = frozenset({"plate", "document", "company"})
_OWN_PLATES = {
    "NL": re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9]{6}"),
    "IT": re.compile(r"[A-Z]{2}(?:\d{3}[A-Z]{2}|\d{5}|[A-Z0-9]\d{5})"),
    "RO": re.compile(r"(?:B\d{2,3}|[A-Z]{2}\d{2})[A-Z]{3}|[A-Z]{1,2}\d{5,6}"),
}
_AMBIGUOUS = (
    "ambiguous-country",
    "The value can be read as one of two countries'.",
    "Write the country with a colon, as in RO: B-123-ABC, or fill in the column region.",
)


def normal_forms(kind: str, asked: str, value: str, *, region: str | None, home: str) -> tuple[str, ...]:
    """The normal forms of `value`. `asked` is the kind as written, `home` the team's state.

    Raises Malformed with the rule that is broken, or `ambiguous-country`.
    """
    if region is not None or kind not in _TWO_READINGS:
        return normalise(asked, value, region=region or home)
    named = _reading(asked, value, None)
    own = normalise(asked, value, region=home) if named is None else _reading(asked, value, home)
    if own is None or own == named:
        return named or ()
    if named is None:
        return own
    if kind == "plate" and home in _OWN_PLATES:
        return own if _OWN_PLATES[home].fullmatch(_bare(value)) else named
    raise Unreadable(*_AMBIGUOUS)


def _reading(asked: str, value: str, region: str | None) -> tuple[str, ...] | None:
    try:
        return normalise(asked, value, region=region)
    except Malformed:
        return None


def _bare(value: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", value.upper())
