"""Web addresses: `host/path?query`, without what does not change the page.

Left out: the scheme (http and https show the same page), default ports, user names, `www.`, the
fragment, tracking parameters, a trailing slash, dot segments. Kept: the case of the path, other
subdomains, other ports, other parameters (sorted). Hosts are A-labels in lower case; percent-encoding
is that of RFC 3986 section 6.2.2. Defanged writing (`hxxp`, `[.]`) is understood.

Only http and https; hosts of one label and private addresses are refused.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

import idna

from comity.selector.addresses import is_private
from comity.selector.kind import Hint, Kind
from comity.selector.text import clean, refuse

_TRACKING = re.compile(
    r"utm_.*|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|ysclid|twclid|ttclid|igsh|igshid|mc_cid|mc_eid|_ga|_gl"
    r"|_hsenc|_hsmi|mkt_tok|vero_id|oly_enc_id|oly_anon_id|s_cid|wickedid|srsltid|si|spm|phpsessid|jsessionid|sid",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_AUTHORITY = re.compile(r"(?:[^@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]@]+)(?::(?P<port>\d{0,5}))?")


@dataclass(frozen=True)
class Address:
    """A web address taken apart, every part in normal form."""

    host: str
    port: int | None
    path: str
    """Begins with `/`, or is empty for the start page."""
    query: tuple[str, ...]

    def __str__(self) -> str:
        port = f":{self.port}" if self.port else ""
        query = "?" + "&".join(self.query) if self.query else ""
        return f"{self.host}{port}{self.path}{query}"


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """`host[:port]/path?query`."""
    return (str(read(text)),)


def read(text: str) -> Address:
    """The address in normal form, taken apart.

    Raises:
        Malformed: `scheme`, `host`, `port`, `not-public` or `format`.
    """
    rest = _without_scheme(text.replace("\n", "").replace(" ", "%20"))
    authority, path, query = _split(rest)
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise refuse("This is no web address", "format")
    address = Address(host(match["host"]), _port(match["port"]), _path(path), _query(query))
    if len(str(address)) > 512:
        raise refuse("The address is too long", "too-long")
    return address


def _without_scheme(text: str) -> str:
    text = re.sub(r"\[\.\]|\(\.\)|\[dot\]", ".", text.strip("<>\"'"))
    rest = re.sub(r"^(?:url:)?h(?:tt|xx)ps?\[?:\]?[/\\]{2}", "", text, flags=re.IGNORECASE)
    if rest != text:
        return rest
    if re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", text, flags=re.IGNORECASE):
        raise refuse("Only http and https addresses are compared", "scheme")
    return text.removeprefix("//")


def _split(rest: str) -> tuple[str, str, str]:
    rest = rest.partition("#")[0]
    before, _, query = rest.partition("?")
    authority, slash, path = before.replace("\\", "/").partition("/")
    return authority, slash + path, query


def host(text: str) -> str:
    """A host name as A-labels without `www.`, or a public IP address.

    Raises:
        Malformed: `host` or `not-public`.
    """
    name = re.sub(r"[。．｡]", ".", _decoded(text)).lower().rstrip(".")
    literal = name.strip("[]")
    if ":" in literal or re.fullmatch(r"[\d.]+", literal):
        return _literal(literal)
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode().lower()
        except (idna.IDNAError, UnicodeError):
            raise refuse("The host name is not a valid domain name", "host") from None
    if not _HOST.fullmatch(name):
        raise refuse("The host name is not a valid domain name", "host")
    return re.sub(r"^(?:www\.)+(?=[^.]+\.)", "", name)


def _literal(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise refuse("The host is not a valid IP address", "host") from None
    if is_private(address):
        raise refuse("The host is a private address", "not-public")
    return f"[{address}]" if address.version == 6 else str(address)


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not 1 <= int(text) <= 65535:
        raise refuse("The port lies between 1 and 65535", "port")
    return None if int(text) in (80, 443) else int(text)


def _decoded(text: str) -> str:
    """Percent-encoded UTF-8 as text in the common form, anything else as it is."""
    try:
        return _tidy(unquote_to_bytes(text).decode()) if "%" in text else text
    except UnicodeDecodeError:
        return text


def _tidy(text: str) -> str:
    return clean(text) if text.strip() and text.isprintable() else text


def _encoded(text: str, safe: str) -> str:
    """One segment or parameter, percent-encoded only where RFC 3986 needs it."""
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return quote(unquote_to_bytes(text), safe=safe)
    if decoded.isprintable() and decoded.strip() == decoded and decoded and not decoded.isascii():
        decoded = clean(decoded)
    return quote(decoded, safe=safe)


def _path(path: str) -> str:
    out: list[str] = []
    for segment in path.split("/")[1:]:
        encoded = _encoded(segment, "!$&'()*+,;=:@~-._")
        if encoded == "..":
            out = out[:-1]
        elif encoded not in (".", ""):
            out.append(encoded)
    return "".join("/" + segment for segment in out)


def _query(query: str) -> tuple[str, ...]:
    kept = []
    for field in filter(None, query.split("&")):
        name, equals, value = field.partition("=")
        name = _encoded(name, "!$'()*,;:@/~-._[]").replace("%2B", "+") if name else ""
        if name and not _TRACKING.fullmatch(name):
            kept.append(name + equals + _encoded(value.replace("+", "%20"), "!$'()*,;:@/?~-._="))
    return tuple(sorted(kept))


KIND = Kind(
    name="url",
    title="Web address",
    annex="2(j)(viii)",
    guess_space="enumerable: sites publish their own pages",
    care="Scraped pages may show minors; compare, do not copy.",
    example=("HTTPS://www.Example.com:443/Ads/../ad/7/?utm_source=x#top", "example.com/ad/7"),
    parse=parse,
    aliases=("link", "web-address", "website", "page"),
)
