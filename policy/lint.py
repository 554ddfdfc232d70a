"""Lint for the law: what a reviewer would otherwise have to check by eye in every member's module.

Errors:
- LINT-1: a condition on another Member State's recipient that a recipient at home does not meet (LED Article
  9(4)). LINT-2: a judge for a foreign request where none is needed at home (2023/977 Article 9(1)). Found in
  modules by their `scope`, and in rules by asking each rule about twins that differ in the recipient's state.
- LINT-3: a denial without a listed ground, or on "data protection" alone (2023/977 Article 6(1); LED Article
  1(2)(b)).
- a rule without sentence, citation, table of cases or day; a rule that no case of its table reaches; two
  rules or tables that contradict each other; a national rule that speaks for another member; a rule that may
  not end or that looks outside its facts.
- mistakes in module files and registries, with line and field.
Warnings: citations that are not verified, and void provisions of synthetic modules.

Where the checks are: lint_source (a rule's text), lint_law (how rules answer), lint_data (modules,
registries).
"""

from __future__ import annotations

from collections.abc import Iterator

from policy import lint_data, lint_law, lint_source
from policy.cases import LAW, all_cases
from policy.parameters import NATIONAL
from policy.remarks import Remark, short
from policy.rules import rules

__all__ = ["Remark", "lint"]


def lint() -> list[Remark]:
    """All remarks on the package's law, errors first."""
    return sorted(set(_all()))


def _all() -> Iterator[Remark]:
    for path in sorted(LAW.rglob("*.py")):
        yield from lint_source.check(path, short(path))
    yield from lint_law.declared(rules())
    yield from lint_law.answers(rules(), all_cases())
    yield from lint_data.modules(NATIONAL)
    yield from lint_data.registries()
    yield from lint_data.grounds_listed()
