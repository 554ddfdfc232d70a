"""Distributed key generation: joint Feldman, one key for each selector kind, no dealer to trust.

Promised here: if all dealers' messages pass `check_public` and `check_shares`, `finish` gives every holder
a share of the same keys, and no t−1 holders know anything of them; whoever deals wrongly is named by
`Blame`. A dealer commits to its public part by hash before it sees any other's (so that nobody deals
last and bends the key), and proves that it knows each constant term (as in FROST, eprint 2020/852).

Left to others: sending and signing the messages, sealing the shares, waiting for every commitment before
showing a public part, comparing transcripts, and starting anew after a blame or a silence.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from google.protobuf.message import DecodeError

from comity import group
from comity.errors import ComityError, Malformed
from comity.group import ORDER, SCALAR_SIZE, Chance
from comity.oprf import prefixed
from comity.threshold import MAX_INDEX, Commitments, Share
from comity.v1 import ceremony_pb2

COMMITMENT = "commitment"
POSSESSION = "possession"
SHARE = "share"

_POSSESSION_DST = b"comity-ceremony-possession-v1"
_TRANSCRIPT = b"comity-ceremony-transcript-v1"


class Blame(ComityError):
    """A dealer broke the ceremony: `holder` is its share index, `reason` the word of the complaint."""

    default_code = "ceremony-blame"

    def __init__(self, holder: int, reason: str) -> None:
        super().__init__(
            f"Holder {holder} dealt wrongly in the key ceremony: {reason}.",
            field=reason,
            remedy="end this ceremony with a complaint and start another once the matter is settled",
        )
        self.holder = holder
        self.reason = reason


@dataclass(frozen=True)
class Dealing:
    """A dealer's secret polynomials and the public part that belongs to them."""

    public: bytes
    polynomials: tuple[tuple[int, ...], ...] = field(repr=False)

    @property
    def commitment(self) -> bytes:
        """What round 1 shows: SHA-256 of `public`."""
        return sha256(self.public).digest()

    def shares_for(self, index: int) -> bytes:
        """Holder `index`'s shares, 32 bytes for each kind in order. Secret: to be sealed to that holder."""
        _check_index(index)
        return b"".join(group.encode_scalar(_value(p, index)) for p in self.polynomials)

    def to_bytes(self) -> bytes:
        """Secret form for sealed storage: kinds and threshold in two bytes each, coefficients, public."""
        head = len(self.polynomials).to_bytes(2, "big") + len(self.polynomials[0]).to_bytes(2, "big")
        scalars = b"".join(group.encode_scalar(a) for p in self.polynomials for a in p)
        return head + scalars + self.public

    @classmethod
    def from_bytes(cls, stored: bytes) -> Dealing:
        """The dealing that `to_bytes` wrote."""
        kinds, threshold = int.from_bytes(stored[:2], "big"), int.from_bytes(stored[2:4], "big")
        end = 4 + SCALAR_SIZE * kinds * threshold
        if not kinds or not threshold or len(stored) <= end:
            raise Malformed("These bytes are no stored dealing.", field="dealing")
        scalars = [group.decode_scalar(stored[at : at + SCALAR_SIZE]) for at in range(4, end, SCALAR_SIZE)]
        rows = (tuple(scalars[at : at + threshold]) for at in range(0, len(scalars), threshold))
        return cls(stored[end:], tuple(rows))


@dataclass(frozen=True)
class Dealt:
    """One dealer's checked public part: commitments for each kind, in the proposal's order."""

    dealer: int
    commitments: Mapping[str, Commitments]


def deal(ceremony: bytes, dealer: int, kinds: Sequence[str], threshold: int, chance: Chance) -> Dealing:
    """Draw one polynomial of degree threshold − 1 for each kind and commit to it."""
    _check_index(dealer)
    if not kinds or len(set(kinds)) != len(kinds) or not 1 <= threshold <= MAX_INDEX:
        raise Malformed("A ceremony has different kinds, at least one, and a threshold from 1 to 255.")
    polynomials = tuple(tuple(group.random_scalars(chance, threshold)) for _ in kinds)
    labels = []
    for kind, polynomial in zip(kinds, polynomials, strict=True):
        points = [group.multiply_base(a) for a in polynomial]
        proof = _prove_possession(_context(ceremony, dealer, kind, points), polynomial[0], chance)
        labels.append(ceremony_pb2.DealtLabel(kind=kind, commitments=points, possession=proof))
    public = ceremony_pb2.CeremonyPublic(ceremony=ceremony, dealer=dealer, labels=labels, salt=chance(32))
    return Dealing(public.SerializeToString(deterministic=True), polynomials)


def check_public(
    public: bytes, commitment: bytes, ceremony: bytes, dealer: int, kinds: Sequence[str], threshold: int
) -> Dealt:
    """Check a dealer's public part against its round 1 commitment and the proposal.

    Raises `Blame` with "possession" for a wrong proof of possession, with "commitment" for all else.
    """
    message = ceremony_pb2.CeremonyPublic()
    try:
        message.ParseFromString(public)
    except DecodeError:
        raise Blame(dealer, COMMITMENT) from None
    committed = hmac.compare_digest(sha256(public).digest(), commitment)
    same = (message.ceremony, message.dealer, len(message.salt)) == (ceremony, dealer, 32)
    if not (committed and same and [label.kind for label in message.labels] == list(kinds)):
        raise Blame(dealer, COMMITMENT)
    return Dealt(dealer, {lb.kind: _check_label(lb, ceremony, dealer, threshold) for lb in message.labels})


def _check_label(label: ceremony_pb2.DealtLabel, ceremony: bytes, dealer: int, threshold: int) -> Commitments:
    points = tuple(label.commitments)
    if len(points) != threshold or not all(map(group.is_valid, points)):
        raise Blame(dealer, COMMITMENT)
    if not _is_possessed(_context(ceremony, dealer, label.kind, points), points[0], label.possession):
        raise Blame(dealer, POSSESSION)
    return Commitments(points)


def check_shares(dealt: Dealt, index: int, shares: bytes) -> None:
    """Raise `Blame` with "share" unless the shares lie on the committed polynomials at `index`."""
    _check_index(index)
    if len(shares) != SCALAR_SIZE * len(dealt.commitments):
        raise Blame(dealt.dealer, SHARE)
    for share, commitments in zip(_rows(shares), dealt.commitments.values(), strict=True):
        try:
            fits = group.multiply_base(group.decode_scalar(share)) == commitments.public_share(index)
        except Malformed:
            fits = False
        if not fits:
            raise Blame(dealt.dealer, SHARE)


def transcript(publics: Mapping[int, bytes]) -> bytes:
    """SHA-256 over what all dealers showed: label, then dealer (2 bytes), length (4), bytes, ascending."""
    state = sha256(_TRANSCRIPT)
    for dealer in sorted(publics):
        public = publics[dealer]
        state.update(dealer.to_bytes(2, "big") + len(public).to_bytes(4, "big") + public)
    return state.digest()


def finish(
    dealts: Mapping[int, Dealt], shares: Mapping[int, bytes], index: int
) -> tuple[dict[str, Share], dict[str, Commitments]]:
    """Holder `index`'s share of each key and the keys' commitments, from every dealer's part, own included.

    Checks all shares once more (`Blame`). `Malformed` when dealers are missing or dealt different things.
    """
    _check_dealers(dealts, shares, index)
    for dealer, dealt in dealts.items():
        check_shares(dealt, index, shares[dealer])
    kinds = list(dealts[index].commitments)
    columns = zip(*(_rows(part) for part in shares.values()), strict=True)
    sums = (sum(map(group.decode_scalar, column)) % ORDER for column in columns)
    keys = {kind: Share(index, scalar) for kind, scalar in zip(kinds, sums, strict=True)}
    return keys, {kind: _added([d.commitments[kind] for d in dealts.values()]) for kind in kinds}


def _check_dealers(dealts: Mapping[int, Dealt], shares: Mapping[int, bytes], index: int) -> None:
    if index not in dealts or set(dealts) != set(shares) or any(d.dealer != i for i, d in dealts.items()):
        raise Malformed("Every dealer's public part and shares are needed, the own ones too.", field="dealer")
    shapes = {tuple((k, c.threshold) for k, c in d.commitments.items()) for d in dealts.values()}
    thresholds = {threshold for shape in shapes for _, threshold in shape}
    if len(shapes) != 1 or len(thresholds) != 1 or len(dealts) < max(thresholds):
        raise Malformed("All dealers deal the same kinds and threshold, and they are enough.", field="dealer")


def _added(parts: Sequence[Commitments]) -> Commitments:
    columns = zip(*(part.points for part in parts), strict=True)
    return Commitments(tuple(group.sum_elements(b"".join(column)) for column in columns))


def _value(polynomial: Sequence[int], at: int) -> int:
    """The polynomial's value, by Horner's rule."""
    total = 0
    for coefficient in reversed(polynomial):
        total = (total * at + coefficient) % ORDER
    return total


def _context(ceremony: bytes, dealer: int, kind: str, points: Sequence[bytes]) -> bytes:
    return prefixed(ceremony) + dealer.to_bytes(2, "big") + prefixed(kind.encode()) + b"".join(points)


def _prove_possession(context: bytes, secret: int, chance: Chance) -> bytes:
    """Schnorr proof (challenge, response) of knowing the secret of A_0, bound to the context."""
    nonce = group.random_scalar(chance)
    challenge = group.hash_to_scalar(context + group.multiply_base(nonce), _POSSESSION_DST)
    return group.encode_scalar(challenge) + group.encode_scalar(nonce - challenge * secret)


def _is_possessed(context: bytes, point: bytes, proof: bytes) -> bool:
    try:
        challenge, response = map(group.decode_scalar, (proof[:SCALAR_SIZE], proof[SCALAR_SIZE:]))
        shown = group.add(group.multiply_base(response), group.multiply(challenge, point))
    except Malformed:
        return False
    return challenge == group.hash_to_scalar(context + shown, _POSSESSION_DST)


def _rows(scalars: bytes) -> list[bytes]:
    return [scalars[at : at + SCALAR_SIZE] for at in range(0, len(scalars), SCALAR_SIZE)]


def _check_index(index: int) -> None:
    if not 1 <= index <= MAX_INDEX:
        raise Malformed("A share index is from 1 to 255.", field="index")
