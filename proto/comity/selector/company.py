"""Companies: `LEI:code`, or `country:register number`.

An LEI (ISO 17442) is recognised by its 20 characters and check digits. Otherwise the country comes first
(`NL:12345678`, `RO:J40/1234/2020`) or as the region. Labels such as KVK or SIREN and separators go; where a
country's register number has check digits, they must hold. The register number is meant, not the VAT
number, except where the country uses one number for both.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from anyascii import anyascii
from stdnum import lei
from stdnum.exceptions import ValidationError

from comity.selector.countries import country
from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse

_MODULES = (
    "FR:fr.siren DK:dk.cvr NO:no.orgnr SE:se.orgnr FI:fi.ytunnus EE:ee.registrikood CH:ch.uid BE:be.vat "
    "PT:pt.nif LV:lv.pvn HR:hr.oib AU:au.acn BR:br.cnpj"
)
_CHECKED = dict(pair.split(":") for pair in _MODULES.split(" "))
"""Country to the python-stdnum module that knows its register number."""

_FORMS = {
    "NL": r"[0-9]{8}",
    "GB": r"[A-Z]{2}[0-9]{6}|[0-9]{8}|[A-Z]{2}[0-9]{5}[A-Z]",
    "IE": r"[0-9]{4,7}",
    "PL": r"[0-9]{10}",
    "CZ": r"[0-9]{8}",
    "SK": r"[0-9]{8}",
    "LT": r"[0-9]{7,9}",
    "CY": r"[A-Z]{1,2}[0-9]{1,6}",
}
_LABELS = (
    r"^(?:kvk|kbo|bce|siren|siret|cvr|krs|regon|ico|ičo|oib|orgnr|org\.? ?nr|crn|cro|che|companies house|"
    r"company|register|reg)\b[\s.:#-]*(?:no|nr|number)?[\s.:#]*"
)


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`LEI:…` or `CC:…`."""
    text = fold_digits(one_line(text))
    code = re.sub(r"[\s.:-]", "", re.sub(r"^lei\b[\s:]*", "", text, flags=re.IGNORECASE)).upper()
    if text.upper().startswith("LEI") or (lei.is_valid(code) and not re.match(r"[A-Za-z]{2}\s*:", text)):
        if not re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", code):
            raise refuse("An LEI has 20 letters and digits", "length")
        if not lei.is_valid(code):
            raise refuse("The check digits of the LEI are wrong", "checksum")
        return (f"LEI:{code}",)
    home, number = _country(text, hint)
    return (f"{home}:{_register(home, number)}",)


def _country(text: str, hint: Hint) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:\s*:\s*|\s+|-)(.+)", text)
    home = country(match[1]) if match and not re.match(_LABELS, text, flags=re.IGNORECASE) else None
    if match and home and (":" in text or hint.region in (None, home)):
        return home, match[2]
    if hint.region is None:
        raise refuse(
            "A register number needs its country", "needs-region", "Write country:number, or give the region"
        )
    return hint.region, text


def _register(home: str, text: str) -> str:
    number = re.sub(_LABELS, "", text.strip(), flags=re.IGNORECASE)
    number = anyascii(number).upper()
    number = re.sub(r"[\s.,:_-]", "", number)
    if home in _CHECKED:
        return _checked(home, number)
    if home == "GB":
        number = number.zfill(8) if number.isdigit() else number
    if home == "PL" and number.isdigit():
        number = number.zfill(10)
    if not re.fullmatch(r"(?=.*[0-9])[A-Z0-9]+(?:/[A-Z0-9]+)*", number) or not 4 <= len(number) <= 30:
        raise refuse("A register number has 4 to 30 Latin letters and digits", "number")
    if home in _FORMS and not re.fullmatch(_FORMS[home], number):
        raise refuse("The number has not the form of this country's register", "structure")
    return number


def _checked(home: str, number: str) -> str:
    module: Any = import_module(f"stdnum.{_CHECKED[home]}")
    if home == "FR" and re.fullmatch(r"[0-9]{14}", number):
        number = number[:9]
    try:
        return re.sub(r"[^A-Z0-9]", "", str(module.validate(number.replace("/", ""))))
    except ValidationError:
        raise refuse("The number is not valid in this country's register", "checksum") from None


KIND = Kind(
    name="company",
    title="Company or employer",
    annex="2(l)",
    guess_space="public registers",
    care="The register is public: what is secret is that you ask.",
    example=("ro j40/1234/2020", "RO:J40/1234/2020"),
    parse=parse,
    aliases=("company-register", "lei", "employer", "legal-person"),
)
