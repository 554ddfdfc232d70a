"""All selector kinds, by name, and the profile that their normal forms belong to.

The profile name enters every pseudonym, so tokens of two profiles never meet. It changes whenever a
value's normal form changes; a library release that only accepts more values keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from types import MappingProxyType

from comity.errors import Malformed
from comity.selector import (
    advert,
    card,
    company,
    document,
    email,
    handle,
    hotel,
    iban,
    imei,
    imsi,
    ip,
    person,
    phone,
    plate,
    transaction,
    transfer,
    travel,
    url,
    vin,
    voucher,
    wallet,
)
from comity.selector.countries import country
from comity.selector.kind import Hint, Kind
from comity.selector.text import clean

PROFILE = "comity-selectors-1"
WAY_OUT = "Compare it with its source; docs/protocol/selectors.md shows how this kind is written"

_MODULES = (
    phone, imei, imsi, iban, card, wallet, transaction, email, url, advert, handle, ip, plate, vin,
    document, travel, hotel, company, person, voucher, transfer,
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({module.KIND.name: module.KIND for module in _MODULES})

_BY_NAME = {name: kind for kind in KINDS.values() for name in (kind.name, *kind.aliases)}

_LIBRARIES = ("anyascii", "base58", "email-validator", "eth-hash", "idna", "phonenumbers", "publicsuffixlist",
              "python-stdnum")  # fmt: skip


def resolve(kind_name: str) -> Kind:
    """The kind of that name or alias; case, `_` and spaces do not matter.

    Raises:
        Malformed: `unknown-kind`; the message lists the names.
    """
    kind = _BY_NAME.get(_canonical(kind_name))
    if kind is None:
        raise Malformed(
            "No such kind of selector",
            code="unknown-kind",
            field="kind",
            remedy="One of: " + ", ".join(KINDS),
        )
    return kind


def _canonical(kind_name: str) -> str:
    return re.sub(r"[\s_-]+", "-", kind_name.strip().lower())


def normalise(kind: str, value: str, *, region: str | None = None) -> tuple[str, ...]:
    """The normal forms of a value, sorted; each becomes one token.

    `kind` is a name or an alias, and an alias may say more (`btc` allows Bitcoin addresses only).
    `region` is the ISO 3166-1 alpha-2 country whose national notation is meant.

    Raises:
        Malformed: the code names the rule (`checksum`, `length`, `needs-region` …), the remedy the
            way out; neither repeats the value.
    """
    found = resolve(kind)
    hint = Hint(region=_region(region), name=_canonical(kind))
    try:
        return tuple(sorted(set(found.parse(clean(value), hint))))
    except Malformed as refused:
        refused.remedy = refused.remedy or WAY_OUT
        raise


def _region(region: str | None) -> str | None:
    if not region:
        return None
    known = country(region)
    if known is None:
        raise Malformed(
            "No such country",
            code="unknown-region",
            field="region",
            remedy="An ISO 3166-1 code such as NL or RO",
        )
    return known


def profile_versions() -> dict[str, str]:
    """The profile, and the versions of the libraries that can move a normal form."""
    return {"profile": PROFILE} | {library: version(library) for library in _LIBRARIES}
