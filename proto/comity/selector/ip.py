"""IP addresses at a time: `address|hour`, one normal form for each UTC hour touched.

An address without its time names nobody, so a time with its offset from UTC is required: an instant or
a window of at most 48 hours, both ends included. `address|2026-03-01T10Z` is the hour from 10:00:00 to
10:59:59. The port is accepted and left out: it belongs in the record, where a hit behind
carrier-grade NAT is confirmed; in the token it would keep two teams apart. IPv4 in IPv6 becomes IPv4;
private and reserved addresses, zone names and leading zeros are refused.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta

from comity.selector.addresses import Address, is_private
from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse

WINDOW = timedelta(hours=48)
_TIME = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<hour>\d{2})"
    r"(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?![\d:])",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:/|-|\.\.|to|until)\s*", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\[(?P<v6>[^\]]+)\](?::(?P<port>\d{1,5}))?|(?P<v4>[\d.]+):(?P<port4>\d{1,5})|(?P<any>\S+)"
)


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """`address|YYYY-MM-DDTHHZ` for each hour."""
    text = fold_digits(one_line(text))
    times = list(_TIME.finditer(text))
    if not times:
        raise refuse(
            "An IP address needs its time", "needs-time", "Add it as 2026-03-01T10:59:30Z or with an offset"
        )
    address = _address(text[: times[0].start()].strip(" @|,;"))
    start, end = _window(text, times)
    first = start.replace(minute=0, second=0)
    hours = (end - first) // timedelta(hours=1) + 1
    return tuple(f"{address}|{first + timedelta(hours=hour):%Y-%m-%dT%HZ}" for hour in range(hours))


def _window(text: str, times: list[re.Match[str]]) -> tuple[datetime, datetime]:
    if len(times) > 2 or text[times[-1].end() :].strip():
        raise refuse("Only an address and one time or window may be given", "format")
    if len(times) == 2 and not _BETWEEN.fullmatch(text[times[0].end() : times[1].start()]):
        raise refuse("A window is written start/end", "window")
    start, end = _instant(times[0]), _instant(times[-1])
    if not timedelta(0) <= end - start <= WINDOW:
        raise refuse("A window runs forward, for at most 48 hours", "window")
    return start, end


def _instant(match: re.Match[str]) -> datetime:
    zone = match["zone"]
    if zone is None:
        raise refuse(
            "The time needs its offset from UTC", "needs-offset", "Add Z or an offset such as +02:00"
        )
    day, clock = match["day"], f"{match['hour']}:{match['minute'] or '00'}:{match['second'] or '00'}"
    offset = "+00:00" if zone[0] not in "+-" else zone if len(zone) > 3 else zone + ":00"
    try:
        instant = datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("There is no such time", "time") from None
    if not 1980 <= instant.year <= 2200:
        raise refuse("There is no such time", "time")
    return instant


def _address(text: str) -> str:
    match = _ADDRESS.fullmatch(re.sub(r"^ip(?:v[46])?\s*[:=]\s*", "", text, flags=re.IGNORECASE))
    port = match and (match["port"] or match["port4"])
    if match is None or (port and int(port) > 65535):
        raise refuse("This is no IP address", "address")
    literal = match["v6"] or match["v4"] or match["any"]
    try:
        address: Address = ipaddress.ip_address(literal)
    except ValueError:
        raise refuse("This is no IP address", "address", "No leading zeros, no host names") from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise refuse("An address with a zone name is a local one", "not-public")
        address = address.ipv4_mapped or address
    if is_private(address):
        raise refuse("Private and reserved addresses name nobody", "not-public")
    return str(address)


KIND = Kind(
    name="ip",
    title="IP address at a time",
    annex="2(h)",
    guess_space="2^32 addresses, a few thousand hours",
    care="Addresses are shared and change hands; the hit must be confirmed with port and exact time.",
    example=("203.0.113.7:51820 2026-03-01T11:59:30+01:00", "203.0.113.7|2026-03-01T10Z"),
    parse=parse,
    aliases=("ip-address", "ipv4", "ipv6"),
)
