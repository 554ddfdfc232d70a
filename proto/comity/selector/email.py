"""Electronic mail addresses: `local@domain` in lower case, the domain as A-labels.

Display names and `mailto:` links are understood; delivery is not tested. Where a provider gives many
spellings to one mailbox, they become one:

- Gmail (gmail.com, googlemail.com): dots and `+tag` go, the domain is gmail.com;
- Outlook.com, Hotmail, Live, MSN, iCloud, Fastmail: `+tag` goes;
- Proton (proton.me, protonmail.com, protonmail.ch, pm.me): dots, hyphens, underscores and `+tag` go, the
  domain is proton.me;
- Yandex: `.` is `-`, `+tag` goes, the domain is yandex.ru.

Everywhere else dots and tags are kept: their meaning is the provider's own, and a wrong merge would
join two persons.
"""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from comity.selector.kind import Hint, Kind
from comity.selector.text import one_line, refuse

_GMAIL = {"gmail.com", "googlemail.com"}
_PROTON = {"proton.me", "protonmail.com", "protonmail.ch", "pm.me"}
_YANDEX = {f"yandex.{ending}" for ending in ("ru", "com", "by", "kz", "ua", "com.tr", "fr", "uz", "az")} | {
    "ya.ru"
}
_TAGGED = re.compile(
    r"(?:outlook|hotmail|live|msn)\.(?:com|[a-z]{2}|co\.[a-z]{2}|com\.[a-z]{2})|passport\.com|icloud\.com|me\.com"
    r"|mac\.com|fastmail\.(?:com|fm)"
)
_NOT_PUBLIC = re.compile(r"(?:^|\.)(?:localhost|local|invalid|arpa|internal|lan|test)$")


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """The mailbox, by its provider's rules."""
    address = _bare(one_line(text))
    if _NOT_PUBLIC.search(address.rpartition("@")[2].lower()):
        raise refuse("The domain is not a public one", "not-public")
    hidden = address.lower().endswith(".onion")
    try:
        found = validate_email(
            address + ".example" if hidden else address, check_deliverability=False, allow_quoted_local=True
        )
    except EmailNotValidError:
        raise refuse("This is no e-mail address", "format", "It has one @, and a domain after it") from None
    domain = str(found.ascii_domain).lower().removesuffix(".example" if hidden else "\n")
    if len(found.local_part.encode()) > 64:
        raise refuse("Before the @ there are at most 64 bytes", "length")
    local, domain = _mailbox(_fold(found.local_part), domain)
    if not local:
        raise refuse("Nothing is left before the @", "format")
    return (f"{local}@{domain}",)


def _bare(text: str) -> str:
    angled = re.search(r"<\s*(?:mailto:)?([^<>]*@[^<>]*?)\s*>\s*$", text, flags=re.IGNORECASE)
    if angled:
        return angled[1]
    if text.lower().startswith("mailto:"):
        text = text[7:].partition("?")[0]
    return text.strip(" ;,<>")


def _fold(local: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).lower())


def _mailbox(local: str, domain: str) -> tuple[str, str]:
    if local.startswith('"'):
        return local, domain
    untagged = local.partition("+")[0]
    if domain in _GMAIL:
        return untagged.replace(".", ""), "gmail.com"
    if domain in _PROTON:
        return re.sub(r"[._-]", "", untagged), "proton.me"
    if domain in _YANDEX:
        return untagged.replace(".", "-"), "yandex.ru"
    return (untagged if _TAGGED.fullmatch(domain) else local), domain


KIND = Kind(
    name="email",
    title="E-mail address",
    annex="2(h)",
    guess_space="dictionary: names, numbers and a handful of providers",
    care="Providers differ in what spellings reach one mailbox.",
    example=("Anna.Example+ads@GoogleMail.com", "annaexample@gmail.com"),
    parse=parse,
    aliases=("e-mail", "mail", "email-address"),
)
