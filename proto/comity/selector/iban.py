"""Bank accounts: ISO 13616-1.

A number is accepted when its country is in the IBAN registry, the rest has that country's structure,
and the check digits hold (ISO 7064 MOD 97-10, so they lie between 02 and 98). National check digits
inside the account number are not tested: ISO 13616 does not ask for it, the registry's own examples
break some of them, and a refusal here would hide a real account. French and British territories that
the registry lists under FR and GB are read with that structure.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from stdnum import numdb

from comity.selector.kind import Hint, Kind
from comity.selector.text import drop_label, one_line, refuse, squeeze

_REGISTRY: Any = numdb.get("iban")
_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
_NEWER = {"BR": "8!c5!n10!n1!a1!c"}
"""Structures of registry release 103 that the library's table (release 101) does not have yet."""
_TERRITORIES = "GF:FR GP:FR MQ:FR RE:FR PF:FR TF:FR YT:FR NC:FR BL:FR MF:FR PM:FR WF:FR IM:GB JE:GB GG:GB"
_UNDER = dict(pair.split(":") for pair in _TERRITORIES.split(" "))


@cache
def _structure(country: str) -> re.Pattern[str] | None:
    registered = _UNDER.get(country, country)
    fields = _NEWER.get(registered) or _REGISTRY.info(registered)[0][1].get("bban", "")
    if not fields:
        return None
    return re.compile(re.sub(r"(\d+)!([nac])", lambda field: f"{_CLASSES[field[2]]}{{{field[1]}}}", fields))


def _longest(pattern: re.Pattern[str]) -> int:
    return sum(int(length) for length in re.findall(r"\{(\d+)\}", pattern.pattern))


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """Upper case, without separators."""
    number = squeeze(drop_label(one_line(text), "iban"), " -./_:,").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", number):
        raise refuse("An IBAN is two letters, two digits, then letters and digits", "format")
    pattern = _structure(number[:2])
    if pattern is None:
        raise refuse("This country is not in the IBAN registry", "unknown-country")
    if len(number) - 4 != _longest(pattern):
        raise refuse(f"An IBAN of this country has {_longest(pattern) + 4} characters", "length")
    if not pattern.fullmatch(number[4:]):
        raise refuse("The account number has not the structure of its country", "structure")
    if not check_digits_hold(number):
        raise refuse("The check digits are wrong", "checksum", "Compare it with the source, group by group")
    return (number,)


def check_digits_hold(number: str) -> bool:
    """ISO 7064 MOD 97-10 over the rearranged number, with check digits from 02 to 98."""
    digits = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
    return int(digits) % 97 == 1 and 2 <= int(number[2:4]) <= 98


KIND = Kind(
    name="iban",
    title="Bank account (IBAN)",
    annex="2(e)(i)",
    guess_space="structured: about 10^7 to 10^10 a bank",
    care="The source may be a financial intelligence unit, whose consent then travels with it.",
    example=("nl91 abna 0417 1643 00", "NL91ABNA0417164300"),
    parse=parse,
    aliases=("bank-account", "account-number"),
)
