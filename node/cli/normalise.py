"""Values, one a line, to one line of JSON each: {"input", "ok", "normal_form"} or the reason and the remedy.

A bad line costs only itself, whatever bytes it holds. "normal_forms" is there when a value has more than
one; "normal_form" is then the first. Input is echoed to the person or program that wrote it, to nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from comity.errors import Malformed
from comity.selector import normalise, resolve
from comity.selector.countries import country


def answers(kind: str, region: str | None, lines: Iterable[bytes]) -> Iterator[str]:
    """One JSON line for each line of input.

    Raises:
        Malformed: the kind or the region is unknown; before any line is read.
    """
    resolve(kind)
    if region and country(region) is None:
        raise Malformed(
            "No such country",
            code="unknown-region",
            field="region",
            remedy="An ISO 3166-1 code such as NL or RO",
        )
    return (json.dumps(_answer(kind, region, line)) + "\n" for line in lines)


def _answer(kind: str, region: str | None, line: bytes) -> dict[str, Any]:
    data = line.removesuffix(b"\n").removesuffix(b"\r")
    try:
        value = data.decode()
    except UnicodeDecodeError:
        return {
            "input": data.decode(errors="replace"),
            "ok": False,
            "error": "This line is not UTF-8",
            "remedy": "Save the file as UTF-8",
        }
    try:
        first, *others = normalise(kind, value, region=region)
    except Malformed as error:
        return {"input": value, "ok": False, "error": error.message, "remedy": error.remedy}
    found = {"input": value, "ok": True, "normal_form": first}
    return {**found, "normal_forms": [first, *others]} if others else found
