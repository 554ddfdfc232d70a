"""Hotel and short-let stays: `property:check-in`, and `:unit` when it is given.

A property is a link or `site:id` of a booking site (see `comity.selector.advert`), or a name, which
becomes lower-case words joined by hyphens: name and town, as `hotel-ibis-amsterdam`. With the unit the
selector is another, narrower one than without.
"""

from __future__ import annotations

import re

from comity.selector import advert
from comity.selector.kind import Hint, Kind
from comity.selector.text import fold_digits, one_line, refuse
from comity.selector.words import find_date, reads_as_date, slug


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`property:YYYY-MM-DD[:unit]`."""
    day, before, after = find_date(one_line(text), hint.region)
    name = _property(before.strip(" :,;|@"))
    unit = re.sub(r"^(?:(?:room|unit|apartment|apt)(?:-|$|(?=[0-9])))+", "", slug(after)).replace("-", "")
    if len(unit) > 7:
        raise refuse("The unit is a room or flat of at most 7 letters and digits", "unit")
    return (f"{name}:{day.isoformat()}" + (f":{unit}" if unit else ""),)


def _property(text: str) -> str:
    text = fold_digits(text)
    if re.fullmatch(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}:\S+", text) or re.match(
        r"(?:\w+://)?[\w-]+(?:\.[\w-]+)+/", text
    ):
        return advert.parse(text, Hint())[0]
    name = slug(text)
    if len(name) < 2 or name.isdigit() or reads_as_date(name):
        raise refuse(
            "The property needs a name or a site's id", "needs-property", "Write property:check-in date"
        )
    return name


KIND = Kind(
    name="hotel",
    title="Hotel or short-let stay",
    annex="2(f)(iii)",
    guess_space="small: properties times days",
    care="Other guests stay there too, and the guest is often the victim.",
    example=("Hôtel Ibis, Amsterdam: 01.03.2026: room 12", "hotel-ibis-amsterdam:2026-03-01:12"),
    parse=parse,
    aliases=("hotel-booking", "short-let", "stay", "accommodation"),
)
