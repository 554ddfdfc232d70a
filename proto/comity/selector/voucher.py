"""Prepaid and voucher codes: `issuer:serial`.

The issuer is one lower-case word; the serial is upper case without separators. Vouchers have no
common check digit, so only the form is tested.
"""

from __future__ import annotations

import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse, squeeze
from comity.selector.words import slug


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """`issuer:serial`."""
    head, colon, tail = fold_digits(one_line(text)).partition(":")
    if not colon:
        head, _, tail = one_line(text).partition(" ")
    issuer, serial = slug(head), squeeze(tail, " -./_:,").upper()
    if not issuer or not serial:
        raise refuse(
            "A voucher is written issuer:serial", "needs-issuer", "For example paysafecard:0123456789012345"
        )
    if not re.fullmatch(r"[A-Z0-9]{4,40}", serial):
        raise refuse("A voucher's serial has 4 to 40 letters and digits", "serial")
    return (f"{issuer}:{serial}",)


KIND = Kind(
    name="voucher",
    title="Voucher or prepaid code",
    annex="2(e)",
    guess_space="about 10^10 to 10^16, by issuer",
    care="A code is worth money: whoever reads it can spend it.",
    example=("Paysafecard: 0123-4567-8901-2345", "paysafecard:0123456789012345"),
    parse=parse,
    aliases=("prepaid", "gift-card"),
)
