"""Accounts on social, messenger and review platforms: `platform:id`.

Platforms have one name each (`tg`, `t.me` and `telegram` are `telegram`); unknown ones keep the name
given, or the registered domain of the link. Ids lose their `@` and are lower case, except where case
matters (invitation links, YouTube channel ids). Facebook ignores dots. Where the account is a telephone
number (WhatsApp, Signal, Viber), the id is E.164. A numeric id is better than a name, which can change
hands.
"""

from __future__ import annotations

import re

from comity.errors import Malformed
from comity.selector import phone
from comity.selector.kind import Hint, Kind
from comity.selector.sites import registered_domain
from comity.selector.text import fold_digits, one_line, refuse
from comity.selector.url import read
from comity.selector.words import slug

_PLATFORMS = {
    name: names.split()[0]
    for names in """
telegram tg t.me telegram.me telegram.dog
instagram ig insta instagram.com instagr.am
facebook fb facebook.com fb.com m.facebook.com messenger m.me fb.me
whatsapp wa wa.me whatsapp.com api.whatsapp.com
tiktok tt tiktok.com
twitter x twitter.com x.com
snapchat snap sc snapchat.com
vk vkontakte vk.com vk.ru
discord discord.com discordapp.com
signal signal.me
viber viber.com
wechat weixin
line line.me
skype skype.com
kik kik.me kik.com
onlyfans of onlyfans.com
reddit reddit.com
youtube yt youtube.com youtu.be
linkedin linkedin.com
threads threads.net threads.com
odnoklassniki ok.ru ok
pinterest pinterest.com
fansly fansly.com
twitch twitch.tv
badoo badoo.com
tinder tinder.com
wickr
threema
session
""".strip().splitlines()
    for name in names.split()
}
_NUMBERS = {"whatsapp", "signal", "viber"}
_ID = re.compile(r"[\w.+:@#~=&-]{1,128}")
_SKIPPED = {
    "u",
    "user",
    "users",
    "in",
    "add",
    "channel",
    "c",
    "s",
    "profile",
    "people",
    "stories",
    "company",
    "pub",
    "t",
    "id",
}
_PATHS = {
    "p",
    "reel",
    "reels",
    "watch",
    "status",
    "groups",
    "events",
    "explore",
    "hashtag",
    "search",
    "share",
    "photo",
}


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`platform:id`."""
    text = one_line(text)
    platform, account = _from_link(text) if _is_link(text) else _from_pair(text)
    if platform in _NUMBERS and not _opaque(account):
        return (f"{platform}:{_number(account, hint)}",)
    account = _account(platform, account)
    if not _ID.fullmatch(account):
        raise refuse("The account name has characters that no account has", "characters")
    return (f"{platform}:{account}",)


def _is_link(text: str) -> bool:
    if re.match(r"(?:https?|hxxps?|tg)://", text, flags=re.IGNORECASE):
        return True
    head = text.partition("/")[0].lower().removeprefix("www.")
    return "/" in text and "." in head and ":" not in head and " " not in head and not head.startswith("@")


def _from_pair(text: str) -> tuple[str, str]:
    match = re.match(r"@?([^\s:/@]+)(?:\s*:\s*|\s*/\s*|\s+(?=\S)|(?=@))(.+)$", text)
    name = _platform(match[1]) if match else ""
    if match is None or not name:
        raise refuse("The account needs its platform", "needs-platform", "Write platform:account")
    return name, match[2]


def _platform(name: str) -> str:
    lower = name.lower().removeprefix("www.")
    if lower in _PLATFORMS:
        return _PLATFORMS[lower]
    if "." in lower:
        try:
            domain = registered_domain(read(lower).host)
        except Malformed:
            return ""
        return _PLATFORMS.get(domain, domain)
    return _PLATFORMS.get(slug(lower), slug(lower))


def _from_link(text: str) -> tuple[str, str]:
    telegram = re.match(r"tg://resolve/?\?domain=([\w]+)", text, flags=re.IGNORECASE)
    if telegram:
        return "telegram", telegram[1]
    address = read(text)
    platform = _PLATFORMS.get(address.host) or _platform(registered_domain(address.host))
    query = dict(field.partition("=")[::2] for field in address.query)
    if "phone" in query:
        return platform, query["phone"]
    if platform == "facebook" and "id" in query:
        return platform, query["id"]
    return platform, _from_path(platform, address.path.split("/")[1:])


def _from_path(platform: str, parts: list[str]) -> str:
    if platform == "telegram" and parts[:1] == ["joinchat"] and len(parts) > 1:
        return "+" + parts[1]
    while len(parts) > 1 and parts[0].lower() in _SKIPPED:
        parts = parts[1:]
    if not parts or parts[0].lower() in _PATHS:
        raise refuse("The link names no account", "needs-account", "Write platform:account")
    return parts[0]


def _opaque(account: str) -> bool:
    return re.search(r"[A-Za-z]", account) is not None


def _number(account: str, hint: Hint) -> str:
    account = account.strip("@ ").removeprefix("%2B")
    digits = re.sub(r"[\s().-]", "", fold_digits(account))
    if hint.region is None and re.fullmatch(r"[1-9][0-9]{7,14}", digits):
        account = "+" + digits
    return phone.parse(account, hint)[0]


def _account(platform: str, account: str) -> str:
    account = account.strip().strip("/")
    account = account if platform == "mastodon" else account.lstrip("@")
    if platform == "telegram" and account.startswith("+"):
        compact = re.sub(r"[\s().-]", "", account)
        return compact if compact[1:].isdigit() and compact.isascii() else account
    if platform == "youtube" and re.fullmatch(r"UC[\w-]{22}", account):
        return account
    account = fold_digits(account).lower()
    return account.replace(".", "") if platform == "facebook" else account.lstrip("@")


KIND = Kind(
    name="handle",
    title="Social, messenger or review account",
    annex="2(h)",
    guess_space="dictionary",
    care="An escort-review account may reveal a person's sex life (LED article 10).",
    example=("https://t.me/Anna_Example", "telegram:anna_example"),
    parse=parse,
    aliases=("social", "messenger", "account", "social-id", "username"),
)
