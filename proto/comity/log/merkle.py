"""The Merkle tree of RFC 9162, section 2.1: roots, inclusion proofs, consistency proofs.

The rules:

* Leaves are hashed with a leading 0x00, nodes with a leading 0x01 (2.1.1), so neither passes for the other.
* `Tree` keeps every complete subtree's hash: appending costs one or two hashes, a proof a logarithm.
* Verification raises `Corrupt` and says which kind of proof failed; it never returns a doubt.
* A consistency proof from the empty tree proves nothing and is refused, as is any proof that is longer than
  it needs to be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from comity.errors import Corrupt, Malformed

HASH_SIZE = 32  # bytes
EMPTY_ROOT = hashlib.sha256(b"").digest()
MAX_PROOF = 64  # hashes; a tree of 2**64 leaves needs no more


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root of the tree over these leaf hashes."""
    return Tree(leaf_hashes).root()


class Tree:
    """An append-only tree of leaf hashes, in memory."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for each in leaf_hashes:
            self.append(each)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def __len__(self) -> int:
        return self.size

    def append(self, leaf: bytes) -> int:
        """Adds a leaf hash (32 bytes); returns its index."""
        if len(leaf) != HASH_SIZE:
            raise Malformed("A leaf hash has 32 bytes.", field="leaf")
        levels = self._levels
        nodes = levels[0]
        nodes.append(leaf)
        index, height = len(nodes) - 1, 0
        while len(nodes) % 2 == 0:
            parent = hashlib.sha256(b"\x01" + nodes[-2] + nodes[-1]).digest()
            height += 1
            if height == len(levels):
                levels.append([])
            nodes = levels[height]
            nodes.append(parent)
        return index

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`."""
        return self._levels[0][self._checked(index, self.size - 1, "index")]

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves (all, without it)."""
        size = self.size if size is None else self._checked(size, self.size, "size")
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]) of RFC 9162, 2.1.3.1: nearest sibling first."""
        size = self.size if size is None else self._checked(size, self.size, "size")
        self._checked(index, size - 1, "index")
        path: list[bytes] = []
        low, high = 0, size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._subtree(middle, high))
                high = middle
            else:
                path.append(self._subtree(low, middle))
                low = middle
        return path[::-1]

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """PROOF(old, D[new]) of RFC 9162, 2.1.4.1; empty when the sizes are equal. `old` is at least 1."""
        new = self.size if new is None else self._checked(new, self.size, "size")
        if old < 1:
            raise Malformed("A consistency proof starts from at least one leaf.", field="old")
        self._checked(old, new, "old")
        path: list[bytes] = []
        low, high = 0, new
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                path.append(self._subtree(middle, high))
                high = middle
            else:
                path.append(self._subtree(low, middle))
                low = middle
        if low:
            path.append(self._subtree(low, high))
        return path[::-1]

    def _subtree(self, low: int, high: int) -> bytes:
        width = high - low
        if width & (width - 1) == 0:  # complete, and aligned by construction
            height = width.bit_length() - 1
            return self._levels[height][low >> height]
        middle = low + _split(width)
        return node_hash(self._subtree(low, middle), self._subtree(middle, high))

    @staticmethod
    def _checked(value: int, maximum: int, field: str) -> int:
        if not 0 <= value <= maximum:
            raise Malformed("The tree does not reach that far.", field=field)
        return value


def _split(width: int) -> int:
    """The largest power of two below `width` (k of RFC 9162, 2.1.1)."""
    return 1 << ((width - 1).bit_length() - 1)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Corrupt unless `leaf` (a leaf hash) is at `index` in the tree of `size` leaves under `root`.

    RFC 9162, 2.1.3.2.
    """
    _check_sizes((leaf, root, *proof), "inclusion")
    if not 0 <= index < size:
        raise _unproven("inclusion")
    fn, sn, found = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise _unproven("inclusion")
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or found != root:
        raise _unproven("inclusion")


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Corrupt unless the tree of `new_size` begins with the tree of `old_size`. RFC 9162, 2.1.4.2."""
    _check_sizes((old_root, new_root, *proof), "consistency")
    if not 0 < old_size <= new_size or (old_size == new_size) == bool(proof):
        raise _unproven("consistency")
    if old_size == new_size:
        if old_root != new_root:
            raise _unproven("consistency")
        return
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise _unproven("consistency")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(sibling, fr), node_hash(sibling, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or fr != old_root or sr != new_root:
        raise _unproven("consistency")


def _check_sizes(hashes: Sequence[bytes], kind: str) -> None:
    if len(hashes) > MAX_PROOF + 2 or any(len(each) != HASH_SIZE for each in hashes):
        raise _unproven(kind)


def _unproven(kind: str) -> Corrupt:
    return Corrupt(f"The {kind} proof does not hold.", code=f"{kind}-proof", field="proof")
