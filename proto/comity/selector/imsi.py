"""Mobile subscriber identities: 14 or 15 digits that begin with a known country code (ITU-T E.212).

The network code is not checked, because operators come and go; there is no check digit.
"""

from __future__ import annotations

from typing import Any

from stdnum import numdb

from comity.selector.kind import Hint, Kind
from comity.selector.text import ascii_digits, drop_label, one_line, refuse, squeeze

_CODES: Any = numdb.get("imsi")


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """The digits."""
    digits = squeeze(drop_label(one_line(text), "imsi"), " -./_:,")
    if not ascii_digits(digits):
        raise refuse("An IMSI is written in digits", "characters")
    if len(digits) not in (14, 15):
        raise refuse("An IMSI has 14 or 15 digits", "length")
    if _CODES.split(digits)[0] != digits[:3]:
        raise refuse("The first three digits are no mobile country code", "unknown-country")
    return (digits,)


KIND = Kind(
    name="imsi",
    title="Subscriber identity (IMSI)",
    annex="2(h)",
    guess_space="about 10^10 for each operator",
    care="Traffic data behind a subscription may need a judicial authorisation.",
    example=("204 04 1234567890", "204041234567890"),
    parse=parse,
    aliases=("subscriber", "sim"),
)
