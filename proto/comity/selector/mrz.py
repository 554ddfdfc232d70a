"""Machine readable zones of travel documents (ICAO 9303, parts 3 to 7).

Sizes TD1 (3×30), TD2 and MRV-B (2×36), TD3 and MRV-A (2×44), and the French identity card before
2021 (2×36). All check digits must hold, the composite one included. Lines may be separated by line
breaks, `\\n`, `|`, `/`, spaces or nothing; trailing fillers that a scanner lost are restored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.selector.text import refuse

_WEIGHTS = (7, 3, 1)


@dataclass(frozen=True)
class Zone:
    """What the zone says of the document."""

    type: str
    """First letter: P passport, V visa, I, A or C identity and residence cards."""
    state: str
    number: str


def check_digit(field: str) -> str:
    """The check digit of a field (ICAO 9303-3 section 4.9)."""
    total = sum(_WEIGHTS[place % 3] * (0 if c == "<" else int(c, 36)) for place, c in enumerate(field))
    return str(total % 10)


def looks_like(text: str) -> bool:
    """Whether the text is meant as a machine readable zone."""
    return "<" in text and len(text) > 40


def read(text: str) -> Zone:
    """The document that the zone names.

    Raises:
        Malformed: `mrz-length`, `characters` or `checksum`.
    """
    text = text.upper().replace("«", "<<").replace("‹", "<").replace("\\N", "\n")
    lines = [re.sub(r"\s", "", line) for line in re.split(r"[\n|/]|\s{1,}(?=[A-Z0-9<]{20,})", text)]
    zone = _joined([line for line in lines if line])
    if not re.fullmatch(r"[A-Z0-9<]+", zone):
        raise refuse("A machine readable zone has capital letters, digits and < only", "characters")
    return {90: _td1, 72: _two_lines_36, 88: _two_lines_44}[len(zone)](zone)


def _joined(lines: list[str]) -> str:
    width = {3: 30, 2: len(lines[-1])}.get(len(lines), 0)
    zone = "".join(line.ljust(width, "<") for line in lines)
    if len(zone) not in (72, 88, 90) or any(width and len(line) > width for line in lines):
        raise refuse("A machine readable zone has 3×30, 2×36 or 2×44 characters", "mrz-length")
    return zone


def _require(*checks: tuple[str, str]) -> None:
    for field, digit in checks:
        expected = check_digit(field)
        if digit != expected and not (digit == "<" and not field.strip("<")):
            raise refuse(
                "A check digit of the machine readable zone is wrong", "checksum", "Scan or type it again"
            )


def _number(field: str, digit: str, optional: str) -> str:
    """The document number with its check; a long one goes on in the optional data (9303-5, note j)."""
    if digit == "<" and optional.strip("<"):
        rest = optional.partition("<")[0]
        number, digit = field + rest[:-1], rest[-1:]
        _require((number, digit))
        return number.replace("<", "")
    _require((field, digit))
    return field.replace("<", "")


def _td1(zone: str) -> Zone:
    first, second = zone[:30], zone[30:60]
    number = _number(first[5:14], first[14], first[15:30])
    _require((second[:6], second[6]), (second[8:14], second[14]))
    _require((first[5:30] + second[:7] + second[8:15] + second[18:29], second[29]))
    return Zone(first[0], first[2:5], number)


def _two_lines_36(zone: str) -> Zone:
    first, second = zone[:36], zone[36:]
    if first.startswith("IDFRA") and check_digit(second[:12]) == second[12] != "<":
        _require((second[27:33], second[33]), (first + second[:35], second[35]))
        return Zone("I", "FRA", second[:12].replace("<", ""))
    number = _number(second[:9], second[9], second[28:36] if first[0] == "V" else second[28:35])
    _require((second[13:19], second[19]), (second[21:27], second[27]))
    if first[0] != "V":
        _require((second[:10] + second[13:20] + second[21:35], second[35]))
    return Zone(first[0], first[2:5], number)


def _two_lines_44(zone: str) -> Zone:
    first, second = zone[:44], zone[44:]
    _require((second[:9], second[9]), (second[13:19], second[19]), (second[21:27], second[27]))
    if first[0] != "V":
        _require((second[28:42], second[42] if second[28:42].strip("<") or second[42] != "<" else "0"))
        _require((second[:10] + second[13:20] + second[21:43], second[43]))
    return Zone(first[0], first[2:5], second[:9].replace("<", ""))
