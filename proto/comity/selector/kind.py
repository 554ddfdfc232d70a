"""What a selector kind is.

A kind owns one normal form. Its `parse` gets text that `comity.selector.text.clean` has made, and
gives one or more normal forms, each of which becomes one token. Three promises bind every kind:

1. the same text, region and name give the same normal forms, on any machine of the same profile;
2. a normal form is its own normal form: parsing it again gives it alone, without a region;
3. whatever is not understood raises `comity.errors.Malformed`, whose text never repeats the value.

Whether a selector may be published is the law's question, not a kind's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """What the officer said besides the value."""

    region: str | None = None
    """ISO 3166-1 alpha-2 code of the country whose notation is meant, upper case."""
    name: str = ""
    """The kind's name or alias as asked for: `btc` says more than `wallet`."""


Parse = Callable[[str, Hint], tuple[str, ...]]


@dataclass(frozen=True)
class Kind:
    """One kind of selector."""

    name: str
    title: str
    annex: str
    """Category of personal data in Annex II.B of Regulation (EU) 2016/794."""
    guess_space: str
    """How many values there are to try, in words: why plain hashes are refused."""
    care: str
    """One sentence that the officer reads before publishing."""
    example: tuple[str, str]
    """An input and its normal form."""
    parse: Parse
    aliases: tuple[str, ...] = ()
    mask: bool = False
    """Screens and printouts show the first six and last four characters only."""

    def normalise(self, value: str, *, region: str | None = None) -> tuple[str, ...]:
        """The normal forms of `value`, sorted; see `comity.selector.normalise`."""
        from comity.selector.registry import normalise

        return normalise(self.name, value, region=region)
