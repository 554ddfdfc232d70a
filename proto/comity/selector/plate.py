"""Vehicle registration plates: `country:plate`, full plates only (Regulation (EU) 2024/982 on Prüm II).

The country comes before the plate (`NL 12-ABC-3`, `D: B-AB 123`) or as the region. One-letter signs need
a colon, because `B AB 123` is a Berlin plate. Where a country's code is also the beginning of its own
plates (DE, FR, IT, SK) and the whole reads as a plate, a colon or the region is needed.

Letters are Latin capitals: Cyrillic and Greek letters of the same shape are replaced, accents are left
out (as cameras read them). Digits are kept as written; O and 0 are not confused.
"""

from __future__ import annotations

import re
import unicodedata

from comity.selector.countries import vehicle_country
from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse

_LOOKALIKES = str.maketrans(
    "АВСЕНІКМОРТХУЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧЁЇ" + "ĐØŁÐ",
    "ABCEHIKMOPTXYJSABEZHIKMNOPTYXEI" + "DOLD",
)
_OWN_PREFIX = {
    "DE": re.compile(r"DE[A-Z]{1,2}[0-9]{1,4}[EH]?"),
    "FR": re.compile(r"FR[0-9]{3}[A-Z]{2}"),
    "IT": re.compile(r"IT[0-9]{3}[A-Z]{2}"),
    "SK": re.compile(r"SK[0-9]{3}[A-Z]{2}"),
}


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`CC:PLATE`."""
    text = fold_digits(one_line(text)).upper()
    if re.search(r"[*?%#]", text):
        raise refuse("Only full plates are compared", "wildcard", "Give every character, or leave it out")
    country, plate = _country(text, hint)
    plate = _latin(plate)
    if not re.fullmatch(r"[A-Z0-9]{2,12}", plate):
        raise refuse("A plate has 2 to 12 Latin letters and digits", "characters")
    return (f"{country}:{plate}",)


def _country(text: str, hint: Hint) -> tuple[str, str]:
    colon = re.match(r"\(?([A-Z]{1,3})\)?\s*[:|]\s*(.+)$", text)
    if colon:
        return _known(colon[1]), colon[2]
    spaced = re.match(r"\(?([A-Z]{2,3})\)?[ -]+(.+)$", text)
    named = vehicle_country(spaced[1]) if spaced else None
    whole = re.sub(r"[^A-Z0-9]", "", _latin(text))
    if named in _OWN_PREFIX and _OWN_PREFIX[named].fullmatch(whole):
        if hint.region is None:
            raise refuse(
                "The first letters may be the country or the plate's own", "needs-country", "Write FR: or DE:"
            )
        named = None
    if spaced and named and (hint.region is None or (hint.region == named and len(spaced[1]) == 2)):
        return named, spaced[2]
    if hint.region is None:
        raise refuse(
            "A plate needs its country", "needs-country", "Write it before the plate, as NL 12-ABC-3"
        )
    return hint.region, text


def _known(sign: str) -> str:
    country = vehicle_country(sign)
    if country is None:
        raise refuse("No such country", "unknown-country")
    return country


def _latin(text: str) -> str:
    text = text.translate(_LOOKALIKES)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"[\s./·•,_'-]+", "", text.translate(_LOOKALIKES))


KIND = Kind(
    name="plate",
    title="Vehicle registration plate",
    annex="2(i)",
    guess_space="10^6 to 10^8 a country",
    care="The keeper need not be the driver, and plates are copied.",
    example=("NL 12-ABC-3", "NL:12ABC3"),
    parse=parse,
    aliases=("licence-plate", "license-plate", "vehicle", "vehicle-plate", "registration"),
)
