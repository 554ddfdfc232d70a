"""Write tests/vectors/threshold.json: every figure of one batch and one ceremony, from fixed chance.

Run it only after a change of the protocol; a test compares its result with the file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from hashlib import shake_256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "proto"))

from comity import ceremony, group, oprf, pseudonym, threshold
from comity.threshold import Batch, Commitments, Share, Weights

VECTORS = Path(__file__).parents[1] / "tests" / "vectors" / "threshold.json"
HOLDERS, THRESHOLD, SUBSET, ASKER = (1, 2, 3, 4, 5), 3, (1, 3, 4), 1
SELECTORS = [("phone", "+31201234567"), ("email", "someone@example.org"), ("phone", "+40211234567")]
CASES = [bytes([number]) * 16 for number in (0xC1, 0xC2, 0xC1)]
TEAMS = ("nl", "it")


class Fixed:
    """Chance from a label, so that the figures are nobody's choice; keeps what it gave."""

    def __init__(self, label: str, *first: bytes) -> None:
        self._stream, self._at = b"".join(first) + shake_256(label.encode()).digest(65536), 0
        self.given: list[bytes] = []

    def __call__(self, size: int) -> bytes:
        self._at += size
        self.given.append(self._stream[self._at - size : self._at])
        return self.given[-1]


def build() -> dict[str, Any]:
    """All figures, byte strings and scalars (little-endian) in hexadecimal."""
    polynomial = group.random_scalars(Fixed("comity threshold vector, polynomial"), THRESHOLD)
    shares = {x: Share(x, sum(a * x**p for p, a in enumerate(polynomial)) % group.ORDER) for x in HOLDERS}
    commitments = Commitments(tuple(map(group.multiply_base, polynomial)))
    return {
        "comment": "Threshold VOPRF of docs/protocol/pseudonyms.md and ceremony of docs/protocol/ceremony.md",
        "licence": "EUPL-1.2",
        "key": _key(polynomial, shares, commitments),
        "batch": _batch(polynomial[0], shares, commitments),
        "ceremony": _ceremony(),
    }


def _key(polynomial: Sequence[int], shares: dict[int, Share], commitments: Commitments) -> dict[str, Any]:
    return {
        "threshold": THRESHOLD,
        "coefficients": _scalars(polynomial),
        "commitments": _hex(commitments.points),
        "shares": {str(i): group.encode_scalar(s.scalar).hex() for i, s in shares.items()},
        "public_shares": {str(i): commitments.public_share(i).hex() for i in shares},
    }


def _batch(key: int, shares: dict[int, Share], commitments: Commitments) -> dict[str, Any]:
    fields = [(pseudonym.PROFILE, pseudonym.PURPOSE, kind, form) for kind, form in SELECTORS]
    inputs = [pseudonym.encode_input(*field) for field in fields]
    blinds = group.random_scalars(Fixed("comity threshold vector, blinds"), len(inputs))
    batch, audit = _asked(inputs, blinds, Weights.BLINDS, shares, commitments)
    other, random_audit = _asked(inputs, blinds, Weights.RANDOM, shares, commitments)
    outputs = batch.outputs()
    if outputs != other.outputs() or outputs != [oprf.evaluate(key, x, oprf.Mode.VOPRF) for x in inputs]:
        raise SystemExit("the batches disagree with the single key")
    return {
        "subset": list(SUBSET),
        "asker": ASKER,
        "lagrange": {str(i): group.encode_scalar(threshold.lagrange(i, SUBSET)).hex() for i in SUBSET},
        "weighted_shares": {str(i): commitments.weighted_share(i, SUBSET).hex() for i in SUBSET},
        "fields": [list(field) for field in fields],
        "inputs": _hex(inputs),
        "blinds": _scalars(blinds),
        "blinded": batch.elements.hex(),
        "answers": {str(i): _answer(i, batch.elements, shares, commitments) for i in SUBSET},
        "audit_blinds": audit,
        "audit_random": random_audit,
        "unblinded": _hex(batch.unblinded()),
        "outputs": _hex(outputs),
        "pseudonyms": _pseudonyms(outputs),
        "opening": _opening(batch),
    }


def _asked(
    inputs: list[bytes],
    blinds: list[int],
    weights: Weights,
    shares: dict[int, Share],
    commitments: Commitments,
) -> tuple[Batch, dict[str, Any]]:
    """One batch, answered and audited, and the figures of its audit."""
    chance = Fixed(
        f"comity threshold vector, audit by {weights.value}", *(b.to_bytes(64, "little") for b in blinds)
    )
    batch = Batch(inputs, SUBSET, commitments, chance, shares[ASKER], weights)
    for holder in batch.others:
        batch.accept(holder, threshold.evaluate(shares[holder], SUBSET, batch.elements))
    element = batch.audit_element()
    answers = {str(i): _answer(i, element, shares, commitments) for i in batch.others}
    for holder in batch.others:
        answer = answers[str(holder)]
        batch.accept_audit(holder, bytes.fromhex(answer["evaluated"]), bytes.fromhex(answer["proof"]))
    figures: dict[str, Any] = {"element": element.hex(), "answers": answers}
    if weights is Weights.BLINDS:
        figures["factor"] = _scalars([int.from_bytes(chance.given[1], "little")])[0]
    else:
        drawn = chance.given[1]
        figures["weights"] = [
            1 + int.from_bytes(drawn[at : at + 16], "little") for at in range(0, len(drawn), 16)
        ]
    return batch, figures


def _answer(
    holder: int, elements: bytes, shares: dict[int, Share], commitments: Commitments
) -> dict[str, str]:
    chance = Fixed(f"comity threshold vector, nonce {holder} {len(elements)}")
    evaluated = threshold.evaluate(shares[holder], SUBSET, elements)
    proof = threshold.prove(shares[holder], SUBSET, elements, evaluated, commitments, chance)
    nonce = _scalars([int.from_bytes(chance.given[0], "little")])[0]
    return {"evaluated": evaluated.hex(), "nonce": nonce, "proof": proof.hex()}


def _pseudonyms(outputs: list[bytes]) -> list[dict[str, str]]:
    found = []
    for output in outputs:
        hit = pseudonym.hit_id(output, *TEAMS)
        found.append(
            {f"token_{team}": pseudonym.token(output, team).hex() for team in TEAMS}
            | {"hit_nl_it": hit.hex(), "notice_key": pseudonym.notice_key(output).hex()}
            | {"notice_nl_to_it": pseudonym.notice_proof(output, "nl", "it", hit).hex()}
        )
    return found


def _opening(batch: Batch) -> dict[str, Any]:
    paths = [_hex(batch.opening(index, CASES).path) for index in range(len(CASES))]
    return {"cases": _hex(CASES), "root": batch.opening_root(CASES).hex(), "paths": paths}


def _ceremony() -> dict[str, Any]:
    run, kinds = shake_256(b"comity ceremony vector").digest(16), ["phone", "email"]
    holders, needed = (1, 2, 3), 2
    chances = {i: Fixed(f"comity ceremony vector, dealer {i}") for i in holders}
    dealings = {i: ceremony.deal(run, i, kinds, needed, chances[i]) for i in holders}
    dealts = {
        i: ceremony.check_public(d.public, d.commitment, run, i, kinds, needed) for i, d in dealings.items()
    }
    parts = {i: {j: d.shares_for(i) for j, d in dealings.items()} for i in holders}
    ends = {i: ceremony.finish(dealts, parts[i], i) for i in holders}
    return {
        "ceremony": run.hex(),
        "kinds": kinds,
        "threshold": needed,
        "dealers": {str(i): _dealer(dealings[i], chances[i], parts, i) for i in holders},
        "transcript": ceremony.transcript({i: d.public for i, d in dealings.items()}).hex(),
        "shares": {
            str(i): {k: group.encode_scalar(s.scalar).hex() for k, s in ends[i][0].items()} for i in holders
        },
        "commitments": {kind: _hex(c.points) for kind, c in ends[1][1].items()},
    }


def _dealer(
    dealing: ceremony.Dealing, chance: Fixed, parts: dict[int, dict[int, bytes]], index: int
) -> dict[str, Any]:
    nonces = [drawn for drawn in chance.given if len(drawn) == 64]
    return {
        "coefficients": [_scalars(polynomial) for polynomial in dealing.polynomials],
        "nonces": _scalars(int.from_bytes(nonce, "little") for nonce in nonces),
        "salt": chance.given[-1].hex(),
        "public": dealing.public.hex(),
        "commitment": dealing.commitment.hex(),
        "shares": {str(i): received[index].hex() for i, received in parts.items()},
    }


def _scalars(scalars: Iterable[int]) -> list[str]:
    return [group.encode_scalar(scalar).hex() for scalar in scalars]


def _hex(values: Sequence[bytes]) -> list[str]:
    return [value.hex() for value in values]


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(build(), indent=1) + "\n")
    print(f"wrote {VECTORS}")
