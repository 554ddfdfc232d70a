"""Travel bookings: `carrier:locator:date`.

The locator (PNR) is used again after months, so the departure date is part of it. The route may be
written after the date; it is left out, because sources differ in how much of it they show. Airlines are
IATA codes; common ICAO codes and names are translated.
"""

from __future__ import annotations

import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse
from comity.selector.words import find_date, reads_as_date, slug

_CODES = """
KLM:KL RYR:FR WZZ:W6 WMT:W6 DLH:LH AFR:AF BAW:BA EZY:U2 EJU:U2 VLG:VY IBE:IB TAP:TP ROT:RO
LOT:LO AUA:OS SWR:LX SAS:SK FIN:AY ITY:AZ THY:TK PGT:PC AEE:A3 BEL:SN EIN:EI EWG:EW TRA:HV NAX:DY
NSZ:D8 CSA:OK LZB:FB AEA:UX UAE:EK QTR:QR ETD:EY ETH:ET UAL:UA DAL:DL AAL:AA
AUI:PS TVF:TO RYANAIR:FR WIZZAIR:W6 WIZZ-AIR:W6 LUFTHANSA:LH
AIR-FRANCE:AF BRITISH-AIRWAYS:BA EASYJET:U2 VUELING:VY TAROM:RO TURKISH-AIRLINES:TK PEGASUS:PC TRANSAVIA:HV
EUROWINGS:EW
"""

_AIRLINES = dict(pair.split(":") for pair in _CODES.split())


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`CARRIER:LOCATOR:YYYY-MM-DD`."""
    day, before, after = find_date(one_line(text), hint.region)
    head = [part for part in re.split(r"[:/,;|]+|\s+", fold_digits(before).strip(" :/,;|-")) if part]
    if len(head) < 2:
        raise refuse(
            "A booking is written carrier:locator:date", "needs-carrier", "For example KL:ABC123:2026-03-01"
        )
    carrier, locator = slug(" ".join(head[:-1])).upper(), head[-1].upper()
    if not re.fullmatch(r"[A-Z0-9-]{2,24}", carrier) or reads_as_date(f"{carrier}:{locator}"):
        raise refuse("The carrier is a code or a name", "carrier")
    if not re.fullmatch(r"[A-Z0-9]{5,12}", locator):
        raise refuse("A locator has 5 to 12 letters and digits", "locator")
    if not re.fullmatch(r"[\s:/,;|-]*(?:[A-Za-z]{3,4}(?:[\s:/,;|>-]+[A-Za-z]{3,4})*)?\s*", after):
        raise refuse("After the date only the route may follow", "route", "As in AMS-OTP")
    return (f"{_AIRLINES.get(carrier, carrier)}:{locator}:{day.isoformat()}",)


KIND = Kind(
    name="travel",
    title="Travel booking",
    annex="2(f)(ii)",
    guess_space="small: 10^9 locators, one date",
    care="Often the victim's journey; passenger name records have their own law (Directive (EU) 2016/681).",
    example=("KLM abc123 01.03.2026 AMS-OTP", "KL:ABC123:2026-03-01"),
    parse=parse,
    aliases=("pnr", "booking", "travel-booking", "flight"),
)
