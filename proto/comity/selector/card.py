"""Payment cards: the full number, or what a receipt leaves of it.

A full number (PAN, ISO/IEC 7812-1) becomes its digits. It must stay exact, because first six and last
four digits fit a hundred thousand cards; so it is an input of the pseudonym, is kept sealed, and is
marked `mask`: screens show six and four digits only. A hash would not protect it (10^9 to try).

A truncated number becomes `bin:<first six>:<last four>`; eight leading digits are cut to six, so that
both styles meet. A full and a truncated number never match: they are different statements.
"""

from __future__ import annotations

import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import ascii_digits, drop_label, fold_digits, luhn_holds, one_line, refuse, squeeze

_TRUNCATED = re.compile(r"(?:bin)?:?(\d{6,8})(?:[*x#•.…?]{2,}|:|/)(?:last4)?:?(\d{4})", re.IGNORECASE)
_LABELS = ("card", "pan", "credit card", "debit card", "visa", "mastercard", "amex")

_SCHEMES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("Visa", r"4", (13, 16, 19)),
    ("Mastercard", r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    ("American Express", r"3[47]", (15,)),
    ("Diners Club", r"36|30[0-5]|3[89]", (14, 15, 16, 17, 18, 19)),
    ("JCB", r"352[89]|35[3-8]", (16, 17, 18, 19)),
    ("Discover", r"6011|64[4-9]|65", (16, 17, 18, 19)),
    ("UnionPay", r"62", (16, 17, 18, 19)),
)


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """The digits, or `bin:` with six and four digits."""
    text = drop_label(one_line(text), *_LABELS)
    truncated = _TRUNCATED.fullmatch(re.sub(r"[\s-]", "", fold_digits(text)))
    if truncated:
        return (f"bin:{truncated[1][:6]}:{truncated[2]}",)
    digits = squeeze(text)
    if not ascii_digits(digits):
        raise refuse(
            "A card number is written in digits",
            "characters",
            "A masked one keeps its first six and last four",
        )
    if not 12 <= len(digits) <= 19:
        raise refuse("A card number has 12 to 19 digits", "length")
    if len(set(digits)) == 1:
        raise refuse("This is a filler, not a card", "placeholder")
    for name, prefix, lengths in _SCHEMES:
        if re.match(prefix, digits) and len(digits) not in lengths:
            raise refuse(f"A {name} card has {' or '.join(map(str, lengths))} digits", "length")
    if not luhn_holds(digits):
        raise refuse("The check digit is wrong", "checksum")
    return (digits,)


KIND = Kind(
    name="card",
    title="Payment card",
    annex="2(e)(i)",
    guess_space="about 10^9 for each issuer range",
    care="Never show the full number; the card may be stolen and its holder a victim.",
    example=("4111 1111 1111 1111", "4111111111111111"),
    parse=parse,
    aliases=("payment-card", "credit-card", "debit-card", "pan"),
    mask=True,
)
