"""Vehicle identification numbers: 17 characters (ISO 3779).

I, O and Q are refused. The ninth character is a check digit only where law makes it one: North America
(world manufacturer identifiers that begin with 1 to 5; 49 CFR 565.15). ISO 3779 leaves it free
elsewhere, and European numbers carry none.
"""

from __future__ import annotations

import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import drop_label, one_line, refuse, squeeze

_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True)) | {
    str(digit): digit for digit in range(10)
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """Upper case, 17 characters."""
    number = squeeze(drop_label(one_line(text), "vin", "fin", "chassis"), " -./_:*").upper()
    if len(number) != 17:
        raise refuse("A VIN has 17 characters", "length")
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", number):
        raise refuse(
            "A VIN has digits and Latin letters without I, O and Q", "characters", "I is 1, O and Q are 0"
        )
    if number[0] in "12345" and number[8] != check_digit(number):
        raise refuse("The check digit (ninth character) is wrong", "checksum")
    return (number,)


def check_digit(number: str) -> str:
    """The ninth character that 49 CFR 565.15(c) asks for."""
    rest = sum(_VALUES[character] * weight for character, weight in zip(number, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


KIND = Kind(
    name="vin",
    title="Vehicle identification number",
    annex="2(i)",
    guess_space="about 10^6 for each maker, model and year",
    care="The registered keeper need not be the driver.",
    example=("1m8gdm9a-xkp042788", "1M8GDM9AXKP042788"),
    parse=parse,
    aliases=("chassis", "vehicle-identification-number"),
)
