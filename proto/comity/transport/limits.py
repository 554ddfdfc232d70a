"""What a message of comity.v1 may hold at most: checked before any handler looks at it.

Every message type and every field of the protocol has an entry in `comity.transport.limits_table`; a
type without one is refused, so a new message cannot arrive unlimited. A limit says what is *possible*
(lengths, counts, characters), never what is meant: whether a signature holds, a kind exists or a time
is near is judged later, by whoever knows.

The server applies them to each request and the client to each response; payloads of envelopes are
bytes to the transport, so whoever opens an envelope calls `check` on the payload. Unknown fields of a
newer version pass: they are neither read nor kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from google.protobuf.message import Message

from comity.errors import Malformed


class Rule(Protocol):
    """One field's limit."""

    def refuse(self, value: Any, path: str) -> None:
        """Raises `Malformed` naming `path` when the value is outside the limit."""


@dataclass(frozen=True)
class Octets:
    """Bytes of `least` to `most` length, a multiple of `step`; `absent` lets the empty string pass too."""

    least: int
    most: int
    step: int = 1
    absent: bool = False

    def refuse(self, value: bytes, path: str) -> None:
        """See `Rule`."""
        if not value and self.absent:
            return
        if not self.least <= len(value) <= self.most:
            wanted = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
            raise Malformed(f"A field must hold {wanted} bytes.", field=path)
        if len(value) % self.step:
            raise Malformed(f"A field's length must be a multiple of {self.step} bytes.", field=path)


@dataclass(frozen=True)
class Text:
    """At most `most` characters, none of them a control character; of the form `pattern` when given."""

    most: int
    pattern: re.Pattern[str] | None = None
    absent: bool = True

    def refuse(self, value: str, path: str) -> None:
        """See `Rule`."""
        if not value and self.absent:
            return
        if len(value) > self.most:
            raise Malformed(f"A text is longer than {self.most} characters.", field=path)
        form = self.pattern or _PRINTABLE
        if form.fullmatch(value) is None:
            raise Malformed("A text does not have the form of its field.", field=path)


@dataclass(frozen=True)
class Number:
    """An integer from `least` to `most`."""

    least: int
    most: int

    def refuse(self, value: int, path: str) -> None:
        """See `Rule`."""
        if not self.least <= value <= self.most:
            raise Malformed(f"A number must be from {self.least} to {self.most}.", field=path)


@dataclass(frozen=True)
class Flag:
    """True or false: nothing to limit."""

    def refuse(self, value: bool, path: str) -> None:
        """See `Rule`."""


@dataclass(frozen=True)
class Choice:
    """An enumeration: any number passes, since newer versions know more; handlers refuse what they do not."""

    def refuse(self, value: int, path: str) -> None:
        """See `Rule`."""


@dataclass(frozen=True)
class Part:
    """A message inside, by its own entry; `absent` when it may be missing."""

    absent: bool = False

    def refuse(self, value: Message | None, path: str) -> None:
        """See `Rule`. None stands for a part that is missing."""
        if value is not None:
            _check_fields(value, f"{path}.")
        elif not self.absent:
            raise Malformed("A required part is missing.", field=path)


@dataclass(frozen=True)
class Many:
    """From `least` to `most` values, each by `rule`."""

    rule: Rule
    most: int
    least: int = 0

    def refuse(self, value: Sequence[Any], path: str) -> None:
        """See `Rule`."""
        _check_count(len(value), self.least, self.most, path)
        for index, item in enumerate(value):
            self.rule.refuse(item, f"{path}[{index}]")


@dataclass(frozen=True)
class Table:
    """A map of at most `most` entries; keys and values by their rules."""

    key: Rule
    value: Rule
    most: int

    def refuse(self, value: Mapping[Any, Any], path: str) -> None:
        """See `Rule`."""
        _check_count(len(value), 0, self.most, path)
        for key, item in value.items():
            self.key.refuse(key, path)
            self.value.refuse(item, path)


@dataclass
class Limits:
    """All entries: message type to field to rule."""

    entries: dict[str, Mapping[str, Rule]] = field(default_factory=dict)

    def of(self, name: str) -> Mapping[str, Rule]:
        """The entry of a message type.

        Raises:
            Malformed: the type has none.
        """
        if name not in self.entries:
            raise Malformed("This type of message is not known here.", code="unknown-type")
        return self.entries[name]


def check(message: Message) -> None:
    """Refuses a message of comity.v1 that is outside its limits.

    Raises:
        Malformed: `field` is the path of the first field at fault, e.g. "envelope.signatures[2].key_id".
    """
    _check_fields(message, "")


def limits() -> Limits:
    """The table of all limits."""
    from comity.transport.limits_table import LIMITS

    return LIMITS


def _check_fields(message: Message, prefix: str) -> None:
    rules = limits().of(message.DESCRIPTOR.full_name)
    for descriptor in message.DESCRIPTOR.fields:
        if descriptor.containing_oneof and not message.HasField(descriptor.name):
            continue
        rule = rules[descriptor.name]
        if isinstance(rule, Part) and not message.HasField(descriptor.name):
            rule.refuse(None, prefix + descriptor.name)
        else:
            rule.refuse(cast(Any, getattr(message, descriptor.name)), prefix + descriptor.name)


def _check_count(count: int, least: int, most: int, path: str) -> None:
    if not least <= count <= most:
        raise Malformed(f"A list must hold {least} to {most} entries.", field=path)


# Line feed and tab are the only control characters of free text; surrogates and NUL cannot pass.
_PRINTABLE = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]*")
