"""Identity and travel documents: `type:state:number`.

Understood: a machine readable zone (see `comity.selector.mrz`), and the three parts in words or codes
(`passport UTO L898902C3`, `P:UTO:L898902C3`). The type is P (passport), V (visa), I (identity and
residence cards, which states mark A, C or I as they like) or D (driving licence); the state is ICAO's code
(Germany is `D`). The number is upper case without separators and carries no check digit. Both ways give
the same normal form.
"""

from __future__ import annotations

import re

from comity.selector import mrz
from comity.selector.countries import icao
from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse

_TYPES = {"P": "P", "V": "V", "A": "I", "C": "I", "I": "I", "D": "D"}
_WORDS = {
    "P": r"passports?|travel document|p|pp|pd|ps|po|pe|pr|pt|pn",
    "V": r"visa|v|vd|vs",
    "I": r"identity card|id[ -]?card|national id|residence permit|residence card|id|ic|i|ac|ar|ir|cr|a|c",
    "D": r"driving licen[cs]e|driver'?s? licen[cs]e|dl|d",
}
_PLAIN = [
    (kind, re.compile(rf"(?:{words})(?:\s*[:,;/|]\s*|\s+)(.+)", re.IGNORECASE))
    for kind, words in _WORDS.items()
]


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`T:STATE:NUMBER`."""
    if mrz.looks_like(text):
        return (_from_zone(text),)
    text = fold_digits(one_line(text))
    kind, rest = _kind(text, hint)
    state, number = _state(rest, hint)
    number = re.sub(r"[\s<./_-]", "", number).upper()
    if not re.fullmatch(r"(?=.*[0-9])[A-Z0-9]{4,24}", number):
        raise refuse("A document's number has 4 to 24 Latin letters and digits", "number")
    return (f"{kind}:{state}:{number}",)


def _from_zone(text: str) -> str:
    zone = mrz.read(text)
    kind, state = _TYPES.get(zone.type), icao(zone.state.strip("<"))
    if kind is None:
        raise refuse("The zone names no known type of document", "unknown-type")
    if state is None:
        raise refuse("The zone names no known issuing state", "unknown-country")
    if not zone.number:
        raise refuse("The zone carries no document number", "number")
    return f"{kind}:{state}:{zone.number}"


def _kind(text: str, hint: Hint) -> tuple[str, str]:
    for kind, pattern in _PLAIN:
        match = pattern.fullmatch(text)
        if match:
            return kind, match[1]
    if hint.name == "passport":
        return "P", text
    raise refuse("A document needs its type", "needs-type", "Write type:state:number, for example P:NLD:…")


def _state(rest: str, hint: Hint) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z]{1,3})(?:\s*[:,;/|]\s*|\s+|<+)(.+)", rest)
    state = icao(match[1]) if match else None
    if match and state:
        return state, match[2]
    if match and ":" in rest:
        raise refuse("No such issuing state", "unknown-country")
    if hint.region is None:
        raise refuse(
            "A document needs its issuing state",
            "needs-region",
            "Write type:state:number, or give the region",
        )
    own = icao(hint.region)
    if own is None:
        raise refuse("No such issuing state", "unknown-country")
    return own, rest


KIND = Kind(
    name="document",
    title="Identity or travel document",
    annex="2(c)(i)-(ii)",
    guess_space="structured: 10^7 to 10^9 a state",
    care="The document may be forged or lent, and its number may be a victim's.",
    example=(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<|L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "P:UTO:L898902C3",
    ),
    parse=parse,
    aliases=("mrz", "passport", "id-document", "document-number", "identity-document", "travel-document"),
)
