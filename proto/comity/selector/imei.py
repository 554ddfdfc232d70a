"""Mobile equipment identities: the 14 digits of TAC and serial number (3GPP TS 23.003, section 6.2).

Understood: 15 digits with a right check digit, 14 without, 16 with a software version (IMEISV). The
check digit and the version are dropped: they do not name the device. Network records often carry a 0
in place of the check digit; such a 15-digit number is refused, since it looks like a typing error.
"""

from __future__ import annotations

from comity.selector.kind import Hint, Kind
from comity.selector.text import ascii_digits, drop_label, luhn_holds, one_line, refuse, squeeze


def parse(text: str, _hint: Hint) -> tuple[str, ...]:
    """The first 14 digits."""
    digits = squeeze(drop_label(one_line(text), "imeisv", "imei"), " -./_:,")
    if not ascii_digits(digits):
        raise refuse("An IMEI is written in digits", "characters")
    if len(digits) not in (14, 15, 16):
        raise refuse("An IMEI has 15 digits, 14 without check digit, 16 with software version", "length")
    if len(set(digits[:14])) == 1:
        raise refuse("This is a filler, not a device", "placeholder")
    if len(digits) == 15 and not luhn_holds(digits):
        raise refuse(
            "The check digit is wrong",
            "checksum",
            "If it comes from network records, give the first 14 digits",
        )
    return (digits[:14],)


KIND = Kind(
    name="imei",
    title="Device identity (IMEI)",
    annex="2(h)",
    guess_space="about 10^6 serial numbers for each known model",
    care="Traffic data behind a device may need a judicial authorisation.",
    example=("35-209900-176148-1", "35209900176148"),
    parse=parse,
    aliases=("imeisv", "device"),
)
