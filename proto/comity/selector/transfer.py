"""Money transfers: `operator:reference`.

The control number (MTCN of Western Union, reference of MoneyGram, PIN of Ria) is upper case without
separators, and has that operator's length where it is known. The alias `mtcn` means Western Union.
"""

from __future__ import annotations

import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import ascii_digits, fold_digits, one_line, refuse, squeeze
from comity.selector.words import slug

_OPERATORS = {
    "wu": "westernunion",
    "western-union": "westernunion",
    "mg": "moneygram",
    "money-gram": "moneygram",
    "ria-money-transfer": "ria",
    "world-remit": "worldremit",
    "small-world": "smallworld",
    "mtcn": "westernunion",
}
_DIGITS = {"westernunion": (10,), "moneygram": (8,), "ria": (11,)}
_TWO_WORDS = re.compile(r"(western union|money gram|world remit|small world)[\s:/-]+(.+)", re.IGNORECASE)


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`operator:reference`."""
    name, reference = _split(fold_digits(one_line(text)), hint)
    operator = _OPERATORS.get(slug(name), slug(name))
    code = squeeze(
        re.sub(r"^\s*(?:mtcn|ref|pin)\b[\s:#.]*", "", reference, flags=re.IGNORECASE), " -./_:,"
    ).upper()
    if not operator or not code:
        raise refuse(
            "A transfer is written operator:number", "needs-operator", "For example westernunion:1234567890"
        )
    lengths = _DIGITS.get(operator)
    if lengths and not (ascii_digits(code) and len(code) in lengths):
        raise refuse(f"This operator's numbers have {lengths[0]} digits", "length")
    if not re.fullmatch(r"(?=.*[0-9])[A-Z0-9]{6,20}", code):
        raise refuse("A transfer's number has 6 to 20 letters and digits", "reference")
    return (f"{operator}:{code}",)


def _split(text: str, hint: Hint) -> tuple[str, str]:
    two_words = _TWO_WORDS.fullmatch(text)
    if two_words:
        return two_words[1], two_words[2]
    if hint.name == "mtcn" and ascii_digits(squeeze(text)):
        return "westernunion", text
    head, colon, tail = text.partition(":")
    if not colon:
        head, _, tail = text.partition(" ")
    return head, tail


KIND = Kind(
    name="transfer",
    title="Money transfer",
    annex="2(e)",
    guess_space="about 10^8 to 10^10 for each operator",
    care="The source may be a financial intelligence unit, whose consent then travels with it.",
    example=("Western Union: 123-456-7890", "westernunion:1234567890"),
    parse=parse,
    aliases=("mtcn", "mto", "money-transfer", "remittance"),
)
