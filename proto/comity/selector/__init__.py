"""Selectors: what an officer holds, and the one form in which every team writes it.

Two teams that normalise a value differently never match, and never learn that they did not. So the
normal form of each kind is protocol: one module a kind, shared vectors, and a profile name that is
part of what is pseudonymised.
"""

from comity.selector.kind import Hint, Kind
from comity.selector.registry import KINDS, PROFILE, normalise, profile_versions, resolve

__all__ = ["KINDS", "PROFILE", "Hint", "Kind", "normalise", "profile_versions", "resolve"]
