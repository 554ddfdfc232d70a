"""Proposals as data (TOML or JSON) and back. Strict: a word or a field that is not known is an error.

A mistyped field would otherwise be a fact that nobody stated, and the officer would look for the reason
in the wrong place. Every error names the field by its path, e.g. `items[0].subject_category`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast

from policy.errors import PolicyError
from policy.facts import WORDS, Proposal


def proposal_to(proposal: Proposal) -> dict[str, Any]:
    """A proposal as JSON data, every field named, `null` for what nobody stated."""
    return cast(dict[str, Any], _plain(proposal))


def proposal_from(data: Mapping[str, Any]) -> Proposal:
    """A proposal from TOML or JSON data. Fields left out are not stated."""
    return cast(Proposal, _build(Proposal, data, ""))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: type, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise _wrong(path or "proposal", "a table of fields", data)
    hints = _hints(kind)
    for name in data:
        if name not in hints:
            raise PolicyError(
                "There is no such fact.", field=_join(path, str(name)), remedy=f"Known: {', '.join(hints)}."
            )
    given = {name: _value(kind, name, hints[name], value, _join(path, name)) for name, value in data.items()}
    try:
        return kind(**given)
    except TypeError:
        missing = [one for one in ("action", "now", "provider", "requester", "id", "team") if one in hints]
        lacking = next((one for one in missing if one not in given), "?")
        raise PolicyError("This fact must be stated.", code="missing", field=_join(path, lacking)) from None


def _value(owner: type, name: str, hint: Any, value: Any, path: str) -> Any:
    converted = _convert(hint, value, path)
    allowed = WORDS.get(f"{owner.__name__}.{name}")
    if allowed is not None and converted is not None and converted not in allowed:
        known = ", ".join(repr(word) for word in sorted(allowed))
        raise PolicyError("This word is not in the vocabulary.", field=path, remedy=f"Known: {known}.")
    return converted


def _convert(hint: Any, value: Any, path: str) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and type(None) in options:
        return None
    target = next(one for one in options if one is not type(None))
    if typing.get_origin(target) is tuple:
        if not isinstance(value, (list, tuple)):
            raise _wrong(path, "a list", value)
        inner = typing.get_args(target)[0]
        return tuple(_convert(inner, part, f"{path}[{place}]") for place, part in enumerate(value))
    if is_dataclass(target):
        return _build(cast(type, target), value, path)
    return _scalar(target, value, path)


def _scalar(target: Any, value: Any, path: str) -> Any:
    if target is datetime:
        return _moment(value, path)
    if target is date:
        return _day(value, path)
    if target is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(target, type) and issubclass(target, StrEnum):
        return _word(target, value, path)
    if type(value) is not target:
        raise _wrong(
            path, {"str": "text", "bool": "true or false"}.get(target.__name__, target.__name__), value
        )
    return value


def _word(target: type[StrEnum], value: Any, path: str) -> StrEnum:
    try:
        return target(value)
    except ValueError:
        known = ", ".join(str(one) for one in target)
        raise PolicyError(
            "This word is not in the vocabulary.", field=path, remedy=f"Known: {known}."
        ) from None


def _moment(value: Any, path: str) -> datetime:
    moment = _iso(datetime, value, path) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise _wrong(path, "a date with time", value)
    if moment.tzinfo is None:
        raise PolicyError("This time has no zone.", field=path, remedy="Write it with Z or +01:00.")
    return moment


def _day(value: Any, path: str) -> date:
    day = _iso(date, value, path) if isinstance(value, str) else value
    if not isinstance(day, date) or isinstance(day, datetime):
        raise _wrong(path, "a date", value)
    return day


def _iso(kind: type[date], value: str, path: str) -> date:
    try:
        return kind.fromisoformat(value)
    except ValueError:
        raise _wrong(path, "a date as YYYY-MM-DD", value) from None


def _wrong(path: str, wanted: str, value: Any) -> PolicyError:
    return PolicyError(f"Expected {wanted}, found {type(value).__name__}.", field=path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
