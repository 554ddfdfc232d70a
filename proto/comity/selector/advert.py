"""Adverts: `site:id`.

The site is the registered domain. From a link, the id is found in this order: a parameter that sites
use for it (`id`, `ad_id` …), else the last run of five or more digits in the path, else the path
itself (`site:/path`). Titles, cities and languages in a link therefore do not matter when the site
numbers its adverts. Ids keep their case.
"""

from __future__ import annotations

import re

from comity.errors import Malformed
from comity.selector.kind import Hint, Kind
from comity.selector.sites import registered_domain
from comity.selector.text import fold_digits, one_line, refuse
from comity.selector.url import Address, host, read

_PARAMETERS = re.compile(
    r"(?:(?:id|ad|adid|ad_id|ad-id|aid|advert|advert_id|advertid|listing|listing_id|listingid|post|post_id|postid|item"
    r"|item_id|profile|profile_id)=)([A-Za-z0-9_.~-]{2,64})",
    re.IGNORECASE,
)
_PAIR = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]*)\s*[:#|]\s*([A-Za-z0-9_.~-]{1,100})")
_PATH = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]*):(/\S*)")


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """`site:id`, or `site:/path` when no id is recognised."""
    text = one_line(text)
    pair = _PAIR.fullmatch(fold_digits(text))
    if pair and not _is_scheme(pair[1]):
        return (f"{_site(pair[1])}:{pair[2]}",)
    path = _PATH.fullmatch(text)
    if path and not _is_scheme(path[1]):
        text = _site(path[1]) + path[2]
    address = read(text)
    identity = _identity(address)
    if not identity:
        raise refuse("The link names a site, not an advert", "needs-id", "Write site:id")
    return (f"{registered_domain(address.host)}:{identity}",)


def _is_scheme(site: str) -> bool:
    return site.lower() in ("http", "https", "hxxp", "hxxps")


def _site(name: str) -> str:
    if "." not in name:
        return name.lower().strip("-")
    try:
        return registered_domain(host(name))
    except Malformed:
        raise refuse("The site is not a valid domain name", "host") from None


def _identity(address: Address) -> str:
    for parameter in address.query:
        match = _PARAMETERS.fullmatch(parameter)
        if match:
            return match[1]
    runs = re.findall(r"(?<![0-9])[0-9]{5,20}(?![0-9])", address.path)
    if runs:
        return str(runs[-1])
    query = "?" + "&".join(address.query) if address.query else ""
    return address.path + query if address.path else ""


KIND = Kind(
    name="advert",
    title="Advert",
    annex="2(j)(viii)",
    guess_space="enumerable: most sites number their adverts",
    care="Scraped data: check quality, and whether the person may be a minor.",
    example=("https://www.example.nl/amsterdam/anna-new/12345678.html?lang=en", "example.nl:12345678"),
    parse=parse,
    aliases=("advert-id", "ad", "advertisement", "listing"),
)
