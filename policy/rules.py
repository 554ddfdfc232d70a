"""How a rule of law becomes part of the engine: `@rule` on a function, anywhere under `policy/law`.

Rules of this module:
- A rule is one function in one file, with an id, a citation, the days it is in force and the actions it
  speaks about. Nothing has to be registered: the package is walked.
- A rule's version is the SHA-256 of its file, so a stored decision names the very text that decided.
- `verified=False` marks a citation whose paragraph was not confirmed; the mark stays with every finding.
- Two rules with one id, or a file with no rule, is an error at start, never a silent loss.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from policy.errors import PolicyError
from policy.facts import Action, Item, Proposal
from policy.findings import Finding
from policy.parameters import Parameters

Body = Callable[[Proposal, Item, Parameters], Finding | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of law and what the index says about it."""

    id: str
    cites: str
    in_force: date
    until: date | None
    verified: bool
    applies: frozenset[Action]
    body: Body
    sentence: str
    file: str
    version: str

    @property
    def citation(self) -> str:
        """The citation, with its mark when it is not verified."""
        return self.cites if self.verified else f"{self.cites} (verify)"

    def in_force_on(self, day: date) -> bool:
        """Whether the rule holds on `day`; the last day counts."""
        return self.in_force <= day and (self.until is None or day <= self.until)


def rule(
    *,
    id: str,  # noqa: A002 - the word of the declaration
    cites: str,
    in_force: date,
    applies: Iterable[Action],
    until: date | None = None,
    verified: bool = True,
) -> Callable[[Body], Rule]:
    """Declare the decorated function to be the rule `id`; its docstring is the rule in one sentence."""

    def declare(body: Body) -> Rule:
        path = Path(body.__code__.co_filename)
        return Rule(
            id,
            cites,
            in_force,
            until,
            verified,
            frozenset(applies),
            body,
            " ".join((body.__doc__ or "").split()),
            _inside_package(path),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )

    return declare


def _inside_package(path: Path) -> str:
    parts = path.parts
    start = len(parts) - 1 - parts[::-1].index("policy") if "policy" in parts else len(parts) - 1
    return "/".join(parts[start:])


def _modules() -> Iterator[ModuleType]:
    law = importlib.import_module("policy.law")
    for found in pkgutil.walk_packages(law.__path__, "policy.law."):
        module = importlib.import_module(found.name)
        if not found.ispkg:
            yield module


def _rules_of(module: ModuleType) -> list[Rule]:
    found = [value for value in vars(module).values() if isinstance(value, Rule)]
    if not found and not module.__name__.rpartition(".")[2].startswith("_"):
        raise PolicyError("A file of law declares no rule.", code="no-rule", field=module.__name__)
    return found


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules of the package, by id, in force or not."""
    found = sorted((one for module in _modules() for one in _rules_of(module)), key=lambda one: one.id)
    for left, right in pairwise(found):
        if left.id == right.id:
            raise PolicyError(f"Two rules are called {left.id}.", code="duplicate-rule", field=right.file)
    return tuple(found)
