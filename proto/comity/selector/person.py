"""Persons: `birth date|name parts`, for exact comparison.

A full birth date is required: a name alone is too common to publish. The name is transliterated to
Latin letters (anyascii), folded, split at spaces and hyphens; titles and particles (al, bin, de, von …)
go, and the parts are sorted, so their order does not matter. Spelling variants are other normal forms:
finding them is the work of fuzzy kinds, not of this one.
"""

from __future__ import annotations

import re

from anyascii import anyascii

from comity.errors import Malformed
from comity.selector.kind import Hint, Kind
from comity.selector.text import one_line, refuse
from comity.selector.words import find_date

_DROPPED = """
al el bin ibn bint ben abu de del della der den da das do dos di du la le las los van von zu zur af av ter ten
y e und mr mrs ms miss dr prof sir herr frau mme
"""

PARTICLES = frozenset(_DROPPED.split())
"""Parts that sources add and leave out at will."""


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`YYYY-MM-DD|part part`."""
    try:
        day, before, after = find_date(one_line(text), hint.region)
    except Malformed as error:
        if error.code == "needs-date":
            raise refuse(
                "A name needs one full birth date", "needs-birth-date", "Write Name; YYYY-MM-DD"
            ) from None
        raise
    name = _without_labels(f"{before} {after}")
    parts = _parts(name)
    if not parts:
        raise refuse("The name has no letters", "needs-name")
    return (f"{day.isoformat()}|{' '.join(parts)}",)


def _without_labels(name: str) -> str:
    return re.sub(
        r"\b(?:born|geboren|dob|date of birth|d\.o\.b\.|née?)\b|°|\*", " ", name, flags=re.IGNORECASE
    )


def _parts(name: str) -> list[str]:
    """Sorted parts without particles, unless nothing else is left."""
    folded = re.sub(r"(?<=\w)['`](?=\w)", "", anyascii(name).casefold())
    parts = set(re.findall(r"[a-z]+", folded))
    return sorted(parts - PARTICLES) or sorted(parts)


KIND = Kind(
    name="person",
    title="Person: name and birth date",
    annex="2(a)",
    guess_space="dictionary: names times 30 000 birthdays",
    care="Victims are not published by default; a match of name and date is not yet an identity.",
    example=("HASSAN, Ahmed al- (17.05.1990)", "1990-05-17|ahmed hassan"),
    parse=parse,
    aliases=("name", "person-name", "name-and-birth-date"),
)
