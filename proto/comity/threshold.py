"""RFC 9497 VOPRF under a key that is Shamir-shared: any t of n holders answer, fewer compute nothing.

Promised here: the answers of a subset add up to the output of the single key; each answer is what a plain
RFC 9497 server with public key λ_i·PK_i would give; a holder that answers with anything else is named by
`WrongShare`; a batch gives no output before every answer is verified.

Two ways to verify. With a proof, `Batch.accept` checks the RFC's batched DLEQ at once. Without, the asker
sends one audit element after all answers are in (docs/protocol/pseudonyms.md has the argument, which has
not been reviewed outside).

Left to others: where shares come from (`comity.ceremony`), quotas, logs, and who is allowed to ask.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from comity import group, oprf
from comity.errors import ComityError, Conflict, Corrupt, Malformed
from comity.group import ELEMENT_SIZE, IDENTITY, ORDER, Chance
from comity.opening import Opening, check_opening, commit

__all__ = [
    "MAX_BATCH", "MAX_INDEX", "Batch", "Commitments", "Opening", "Share", "Weights", "WrongShare",
    "check_opening", "evaluate", "lagrange", "prove", "verify",
]  # fmt: skip

MAX_BATCH = 1000
MAX_INDEX = 255


class WrongShare(ComityError):
    """A holder answered with something else than its committed share gives."""

    default_code = "wrong-share"

    def __init__(self, *holders: int) -> None:
        named = " and ".join(map(str, holders))
        super().__init__(
            f"Holder {named} did not answer with the share that it is committed to.",
            field="holder",
            remedy="use another subset of holders, and report the signed answer",
        )
        self.holder = holders[0]
        self.holders = holders


class Weights(enum.Enum):
    """How the asker weighs the elements of a batch in its audit element. The wire does not show it."""

    #: The inverses of the blinds: additions only; sound if discrete logarithms are hard (group model).
    BLINDS = "blinds"
    #: Secret 128-bit numbers: two multiplications more a selector; sound to 2^-128 against anybody.
    RANDOM = "random"


@dataclass(frozen=True)
class Share:
    """One holder's share f(index) of a key f(0)."""

    index: int
    scalar: int = field(repr=False)


@dataclass(frozen=True)
class Commitments:
    """Feldman commitments A_0 … A_{t-1} to the polynomial of one key; A_0 is the public key."""

    points: tuple[bytes, ...]

    def __post_init__(self) -> None:
        group.require_each(b"".join(self.points))
        if any(len(point) != ELEMENT_SIZE for point in self.points):
            raise Malformed("A commitment has 32 bytes.", field="commitments")

    @property
    def threshold(self) -> int:
        """How many holders must answer."""
        return len(self.points)

    @property
    def public_key(self) -> bytes:
        """k · G."""
        return self.points[0]

    def public_share(self, index: int) -> bytes:
        """PK_i = f(i) · G, from public data."""
        return _public_share(self.points, index)

    def weighted_share(self, index: int, subset: tuple[int, ...]) -> bytes:
        """λ_i · PK_i: the public key that a member of this subset answers under."""
        return _weighted_share(self.points, index, subset)


@lru_cache(maxsize=1024)
def _public_share(points: tuple[bytes, ...], index: int) -> bytes:
    total = points[-1]
    for point in reversed(points[:-1]):
        total = group.add(group.multiply(index, total), point)
    return total


@lru_cache(maxsize=4096)
def _weighted_share(points: tuple[bytes, ...], index: int, subset: tuple[int, ...]) -> bytes:
    return group.multiply(lagrange(index, subset), _public_share(points, index))


@lru_cache(maxsize=4096)
def lagrange(index: int, subset: tuple[int, ...]) -> int:
    """λ_i at zero: the product of j / (j − i) over all other j of the subset, modulo the order.

    `Malformed` unless the subset is ascending, inside 1..255, and holds `index`.
    """
    check_subset(subset)
    if index not in subset:
        raise Malformed("The holder is not in the subset.", field="subset")
    above, below = 1, 1
    for other in subset:
        if other != index:
            above, below = above * other % ORDER, below * (other - index) % ORDER
    return above * group.inverse(below) % ORDER


def check_subset(subset: Sequence[int]) -> None:
    """`Malformed` unless ascending without repetition and inside 1..255."""
    if not subset or list(subset) != sorted(set(subset)) or not 1 <= subset[0] <= subset[-1] <= MAX_INDEX:
        raise Malformed("A subset is ascending share indices between 1 and 255.", field="subset")


def evaluate(share: Share, subset: tuple[int, ...], elements: bytes) -> bytes:
    """The holder's answer: each element times λ_i · k_i. `Malformed` when an element is invalid."""
    if len(elements) > MAX_BATCH * ELEMENT_SIZE:
        raise Malformed("A batch has at most 1,000 elements.", field="elements")
    return oprf.blind_evaluate(_weighted(share, subset), elements)


def prove(
    share: Share,
    subset: tuple[int, ...],
    elements: bytes,
    evaluated: bytes,
    commitments: Commitments,
    chance: Chance,
) -> bytes:
    """The RFC 9497 batched DLEQ proof of an answer, 64 bytes, under public key λ_i · PK_i."""
    public_key = commitments.weighted_share(share.index, subset)
    key, nonce = _weighted(share, subset), group.random_scalar(chance)
    return oprf.generate_proof(key, public_key, elements, evaluated, nonce)


def verify(
    index: int,
    subset: tuple[int, ...],
    elements: bytes,
    evaluated: bytes,
    proof: bytes,
    commitments: Commitments,
) -> None:
    """`WrongShare` unless `proof` shows that holder `index` answered with its committed share.

    Whatever is wrong with answer or proof is the holder's; `Malformed` only if `elements` are not valid.
    """
    public_key = commitments.weighted_share(index, subset)
    try:
        proven = oprf.verify_proof(public_key, elements, evaluated, proof)
    except Malformed:
        group.require_each(elements)
        proven = False
    if not proven:
        raise WrongShare(index)


def _weighted(share: Share, subset: tuple[int, ...]) -> int:
    return lagrange(share.index, subset) * share.scalar % ORDER


@dataclass(frozen=True)
class _Audit:
    """The audit element M = Σ w_j·C_j, and what its secret weights w_j come from."""

    element: bytes
    factor: int = field(repr=False)  # BLINDS: w_j = factor / r_j
    weights: tuple[int, ...] = field(repr=False)  # RANDOM: w_j themselves


class Batch:
    """The asking side of one batch, from inputs to verified outputs. Used once.

    1. Send `elements` to each of `others`; give every answer to `accept`.
    2. Unless all came with proofs: send `audit_element()`, give every answer to `accept_audit`.
    3. Read `outputs()`.

    Refused with `WrongShare`, holder named: an answer that does not decode, is the identity, has another
    length, or does not stand the proof or the audit. `Conflict`: a step out of order or twice.
    """

    def __init__(
        self,
        inputs: Sequence[bytes],
        subset: tuple[int, ...],
        commitments: Commitments,
        chance: Chance,
        own: Share | None = None,
        weights: Weights = Weights.BLINDS,
    ) -> None:
        """Blind the inputs, 1 to 1,000 and all different, for a subset of exactly t holders."""
        self._inputs = _checked_inputs(inputs)
        self._subset, self._commitments, self._own = tuple(subset), commitments, own
        self._weights, self._chance = weights, chance
        self._check_parties()
        self.others: tuple[int, ...] = tuple(i for i in self._subset if own is None or i != own.index)
        self._blinds = group.random_scalars(chance, len(self._inputs))
        self._points = oprf.hash_inputs(self._inputs, oprf.Mode.VOPRF)
        self.elements: bytes = group.multiply_each(self._blinds, self._points)
        self._answers: dict[int, bytes] = {}
        self._proven: set[int] = set()
        self._total: bytes | None = None
        self._audit: _Audit | None = None
        self._audited: dict[int, bytes] = {}
        self._unblinded: bytes | None = None

    def _check_parties(self) -> None:
        check_subset(self._subset)
        if len(self._subset) != self._commitments.threshold:
            raise Malformed("A subset has exactly as many holders as the threshold.", field="subset")
        if self._own is not None:
            key = _weighted(self._own, self._subset)
            if group.multiply_base(key) != self._commitments.weighted_share(self._own.index, self._subset):
                raise Corrupt("The own share is not the one that was committed to.", field="own")

    def accept(self, holder: int, evaluated: bytes, proof: bytes = b"") -> None:
        """Take one holder's answer; with a proof it is verified at once, without it awaits the audit."""
        self._expect(holder, self._answers)
        if len(evaluated) != len(self.elements) or _holds_identity(evaluated):
            raise WrongShare(holder)
        if proof:
            verify(holder, self._subset, self.elements, evaluated, proof, self._commitments)
            self._proven.add(holder)
        self._total = self._plus(holder, evaluated)
        self._answers[holder] = evaluated

    def _plus(self, holder: int, evaluated: bytes) -> bytes:
        """The running sum of all answers, the own one first; decodes `evaluated` on the way."""
        total = self._own_part(self.elements) if self._total is None else self._total
        try:
            if total is not None:
                return group.add_each(total, evaluated)
            group.require_each(evaluated)
        except Malformed:
            raise WrongShare(holder) from None
        return evaluated

    def _own_part(self, elements: bytes) -> bytes | None:
        return None if self._own is None else evaluate(self._own, self._subset, elements)

    def audit_element(self) -> bytes:
        """The one element that checks the whole batch. `Conflict` until all others have answered."""
        self._require_all(self._answers)
        if self._audit is None:
            self._audit = self._draw_audit()
        return self._audit.element

    def _draw_audit(self) -> _Audit:
        if self._weights is Weights.BLINDS:
            factor = group.random_scalar(self._chance)
            return _Audit(group.multiply(factor, group.sum_elements(self._points)), factor, ())
        pool = self._chance(16 * len(self._blinds))
        weights = tuple(1 + int.from_bytes(pool[at : at + 16], "little") for at in range(0, len(pool), 16))
        return _Audit(_weighted_sum(weights, self.elements), 0, weights)

    def accept_audit(self, holder: int, evaluated: bytes, proof: bytes) -> None:
        """Take one holder's answer to the audit element, with its proof (a batch of one)."""
        if self._audit is None:
            raise Conflict("No audit element was sent.", field="audit")
        self._expect(holder, self._audited)
        verify(holder, self._subset, self._audit.element, evaluated, proof, self._commitments)
        self._audited[holder] = evaluated

    def outputs(self) -> list[bytes]:
        """The 64-byte RFC 9497 outputs in the order of the inputs, once everything is verified.

        `Conflict` before; `WrongShare` names every holder whose answers fail the audit.
        """
        return list(map(oprf.finalize_unblinded, self._inputs, self.unblinded()))

    def unblinded(self) -> list[bytes]:
        """N_j = k · H(input_j), 32 bytes each: secret, and enough to follow a soft rotation."""
        if self._unblinded is None:
            self._unblinded = self._finish()
        return _split(self._unblinded)

    def _finish(self) -> bytes:
        self._require_all(self._answers)
        audited = not self._proven.issuperset(self.others)
        if audited:
            self._require_all(self._audited)
        total = self._own_part(self.elements) if self._total is None else self._total
        try:
            unblinded = group.multiply_each(group.inverse_many(self._blinds), total or b"")
        except Malformed:  # the sum of the answers is the identity
            raise self._mismatch() from None
        if audited and not self._balances(unblinded, total or b""):
            raise self._mismatch()
        return unblinded

    def _balances(self, unblinded: bytes, total: bytes) -> bool:
        """Whether Σ w_j · total_j is what all holders together answered to the audit element."""
        audit = self._audit
        if audit is None:
            return False
        if self._weights is Weights.BLINDS:
            found = group.multiply(audit.factor, group.sum_elements(unblinded))
        else:
            found = _weighted_sum(audit.weights, total)
        own = self._own_part(audit.element) or b""
        return found == group.sum_elements(b"".join(self._audited.values()) + own)

    def _mismatch(self) -> ComityError:
        """Who lied: each holder's answers, weighed, against its own proven answer to the audit element."""
        if self._audit is None:
            return Corrupt("Proven answers do not unblind.")
        weights = self._audit.weights or [self._audit.factor * r for r in group.inverse_many(self._blinds)]
        liars = [i for i in self.others if _weighted_sum(weights, self._answers[i]) != self._audited[i]]
        return WrongShare(*liars) if liars else Corrupt("The audit fails though every answer stands it.")

    def _expect(self, holder: int, seen: dict[int, bytes]) -> None:
        if holder not in self.others:
            raise Malformed("This holder was not asked.", field="holder")
        if holder in seen:
            raise Conflict("This holder has answered already.", field="holder")

    def _require_all(self, seen: dict[int, bytes]) -> None:
        if len(seen) < len(self.others):
            raise Conflict("Not every holder of the subset has answered.", field="holder")

    @property
    def blinds(self) -> tuple[int, ...]:
        """The secret blinds, in order of the inputs: what an opening needs; to be kept sealed."""
        return tuple(self._blinds)

    def opening_root(self, cases: Sequence[bytes]) -> bytes:
        """The Merkle root over (input, blind, case), one case for each input: goes into the request."""
        return commit(self._inputs, self._blinds, cases).root()

    def opening(self, index: int, cases: Sequence[bytes]) -> Opening:
        """What shows one item to an auditor, for `check_opening` against the root of the same `cases`."""
        path = commit(self._inputs, self._blinds, cases).inclusion_proof(index)
        return Opening(index, self._inputs[index], self._blinds[index], cases[index], tuple(path))


def _checked_inputs(inputs: Sequence[bytes]) -> list[bytes]:
    """Distinct, because two equal inputs would let a holder swap errors between them unseen."""
    if not 1 <= len(inputs) <= MAX_BATCH or len(set(inputs)) != len(inputs):
        raise Malformed("A batch has 1 to 1,000 inputs, all different.", field="inputs")
    return list(inputs)


def _weighted_sum(weights: Sequence[int], elements: bytes) -> bytes:
    return group.sum_elements(group.multiply_each(weights, elements))


def _split(elements: bytes) -> list[bytes]:
    return [elements[at : at + ELEMENT_SIZE] for at in range(0, len(elements), ELEMENT_SIZE)]


def _holds_identity(elements: bytes) -> bool:
    return IDENTITY in _split(elements)
