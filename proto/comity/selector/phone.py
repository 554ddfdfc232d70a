"""Telephone numbers: E.164.

Understood: international form with `+` or `00`, national form with a region, `tel:` links (RFC 3966),
any separators, `(0)`, letters on the keypad, extensions (dropped), digits of any script. The alias
`msisdn` also takes bare digits that start with the country code, as networks write them.

The number must be valid in the numbering plan, of whatever type (mobile, fixed, toll-free, satellite):
a merely possible one is more often a typing error. Whether it is in service is not checked.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from comity.selector.kind import Hint, Kind
from comity.selector.text import ascii_digits, fold_digits, one_line, refuse, squeeze

_NATIONAL_ZERO = re.compile(r"\(\s*0\s*\)")
_MEXICO_MOBILE = re.compile(r"^\+\s*52[\s.-]*1(?=(?:[\s().-]*\d){10}$)")
"""Until 2019 Mexican mobiles had a 1 after the country code; WhatsApp still writes it."""
_OPENING = re.compile(r"^[\s(\[]*\+?\s*00(?=[\s().-]*[1-9])")


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """E.164 with the leading `+`."""
    text = fold_digits(one_line(text))
    if hint.region is not None and hint.region not in phonenumbers.SUPPORTED_REGIONS:
        raise refuse("No numbering plan is known for this region", "unknown-region")
    if hint.name == "msisdn" and ascii_digits(squeeze(text)) and not squeeze(text).startswith("0"):
        text = "+" + squeeze(text)
    failure: NumberParseException | None = None
    for candidate in _candidates(text):
        try:
            number = phonenumbers.parse(candidate, hint.region)
        except NumberParseException as error:
            failure = failure or error
            continue
        if phonenumbers.is_valid_number(number):
            return (_e164(number),)
    raise _why(text, hint, failure)


def _candidates(text: str) -> list[str]:
    """Readings in order of trust; the first valid one wins."""
    readings = [text]
    if _OPENING.match(text):
        readings.append(_OPENING.sub("+", text, count=1))
    readings += [_NATIONAL_ZERO.sub("", reading) for reading in readings if _NATIONAL_ZERO.search(reading)]
    return readings + [
        _MEXICO_MOBILE.sub("+52", reading) for reading in readings if _MEXICO_MOBILE.search(reading)
    ]


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _why(text: str, hint: Hint, failure: NumberParseException | None) -> Exception:
    international = "+" in text or _OPENING.match(text) is not None
    if not any(character.isdigit() for character in text):
        return refuse("A telephone number has digits", "format")
    if not international and hint.region is None:
        return refuse(
            "A number in national form needs its country",
            "needs-region",
            "Give the region, or write +country code",
        )
    if failure is not None and failure.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return refuse("No country has this calling code", "unknown-country")
    return refuse(
        "The number is not valid in its country's numbering plan",
        "invalid-number",
        "Check for missing digits",
    )


KIND = Kind(
    name="phone",
    title="Telephone number",
    annex="2(h)",
    guess_space="about 10^9 numbers a country: all of them can be tried in seconds",
    care="An advertised number is often the victim's or a controller's, and numbers change hands.",
    example=("0031 (0)6-12 34 56 78", "+31612345678"),
    parse=parse,
    aliases=("msisdn", "telephone", "tel", "mobile", "phone-number", "telephone-number"),
)
