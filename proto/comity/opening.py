"""Opening a committed batch to an auditor, one item at a time.

Promised here: the root binds the asker to the input, blind and case of every element that it asked about,
and shows nothing of them (a blind is a uniform scalar, so a leaf cannot be guessed). An opening shows one
item only: `check_opening` recomputes both the Merkle path (RFC 9162 section 2.1) and the blinded element
that the answerers logged.

Left to others: keeping input, blind and case sealed until an auditor may ask, and the signed request that
carries root and elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from comity import group, oprf
from comity.errors import Corrupt, Malformed
from comity.log import merkle
from comity.log.merkle import Tree


@dataclass(frozen=True)
class Opening:
    """What the asker shows of one element: its place, what it hides, and the path to the root."""

    index: int
    message: bytes = field(repr=False)
    blind: int = field(repr=False)
    case: bytes
    path: tuple[bytes, ...]


def commit(messages: Sequence[bytes], blinds: Sequence[int], cases: Sequence[bytes]) -> Tree:
    """The tree whose root goes into the request; `Malformed` unless there is one case for each input."""
    if not len(messages) == len(blinds) == len(cases):
        raise Malformed("There must be one case for each input.", field="cases")
    return Tree(map(_leaf, messages, blinds, cases))


def _leaf(message: bytes, blind: int, case: bytes) -> bytes:
    """The leaf hash of: input after its length (2 bytes), blind, case after its length."""
    return merkle.leaf_hash(oprf.prefixed(message) + group.encode_scalar(blind) + oprf.prefixed(case))


def check_opening(root: bytes, elements: bytes, opening: Opening) -> None:
    """`Corrupt` unless the opened item is the one that the request committed to and asked about.

    `root` and `elements` come from the signed request. `Malformed` when the opening cannot be one.
    """
    size = len(elements) // group.ELEMENT_SIZE
    if not 0 <= opening.index < size or opening.blind % group.ORDER == 0:
        raise Malformed("The opening names no element of this batch.", field="index")
    at = opening.index * group.ELEMENT_SIZE
    leaf = _leaf(opening.message, opening.blind, opening.case)
    merkle.verify_inclusion(leaf, opening.index, size, opening.path, root)
    if oprf.blind(opening.message, opening.blind, oprf.Mode.VOPRF) != elements[at : at + group.ELEMENT_SIZE]:
        raise Corrupt("The opened item is not what was asked.", field="element")
