"""RFC 9497 (VO)PRF over ristretto255-SHA512, modes OPRF and VOPRF.

Promised here: the functions of RFC 9497 sections 2.2 and 3.3, byte for byte (tests/vectors/
oprf_ristretto255.json). Elements are 32-byte strings; a batch is their concatenation.

Left to others: chance (blinds and proof nonces are arguments), who asks and how often, and the Lagrange
coefficients of `comity.threshold`, which are nothing but another key here. POPRF mode is left out: its
key is not linear in shares.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from hashlib import sha512

from comity import group
from comity.errors import Malformed

OUTPUT_SIZE = 64
PROOF_SIZE = 64
MAX_INPUT = 2**16 - 1


class Mode(enum.Enum):
    """RFC 9497 section 3.1: without and with a proof that the committed key was used."""

    OPRF = 0
    VOPRF = 1

    @property
    def context(self) -> bytes:
        """contextString: CreateContextString(mode, "ristretto255-SHA512")."""
        return b"OPRFV1-" + bytes((self.value,)) + b"-ristretto255-SHA512"


def derive_key_pair(seed: bytes, info: bytes, mode: Mode) -> tuple[int, bytes]:
    """RFC 9497 section 3.2.1: the secret key and public key of 32 seed bytes and public `info`."""
    if len(seed) != 32:
        raise Malformed("A seed has 32 bytes.", field="seed")
    start = seed + prefixed(info)
    for counter in range(256):
        key = group.hash_to_scalar(start + bytes((counter,)), b"DeriveKeyPair" + mode.context)
        if key:
            return key, group.multiply_base(key)
    raise Malformed("No key derives from this seed.", field="seed")


def hash_input(message: bytes, mode: Mode) -> bytes:
    """The group element of an input."""
    return group.hash_to_group(_bounded(message), b"HashToGroup-" + mode.context)


def hash_inputs(messages: list[bytes], mode: Mode) -> bytes:
    """The group elements of many inputs, 32 bytes each."""
    return group.hash_each_to_group(map(_bounded, messages), b"HashToGroup-" + mode.context)


def blind(message: bytes, blind_scalar: int, mode: Mode) -> bytes:
    """The blinded element of an input. Never use a blind twice."""
    return group.multiply(blind_scalar, hash_input(message, mode))


def blind_evaluate(key: int, blinded: bytes) -> bytes:
    """The server's step: each blinded element times the key."""
    return group.multiply_each(key, blinded)


def finalize(message: bytes, blind_scalar: int, evaluated: bytes) -> bytes:
    """The 64-byte output of an input, from its blind and the evaluated element."""
    return finalize_unblinded(message, group.multiply(group.inverse(blind_scalar), evaluated))


def finalize_unblinded(message: bytes, unblinded: bytes) -> bytes:
    """The 64-byte output of an input and its unblinded element N = k · H(input)."""
    return sha512(prefixed(message) + b"\x00\x20" + unblinded + b"Finalize").digest()


def evaluate(key: int, message: bytes, mode: Mode) -> bytes:
    """The output as the holder of the whole key would compute it (RFC 9497 Evaluate)."""
    return finalize_unblinded(message, group.multiply(key, hash_input(message, mode)))


def generate_proof(
    key: int, public_key: bytes, inputs: bytes, outputs: bytes, nonce: int, mode: Mode = Mode.VOPRF
) -> bytes:
    """RFC 9497 section 2.2.1: proof that `outputs` are `inputs` times the key of `public_key`.

    `nonce` must be a fresh uniform scalar: used twice, it gives the key away.
    """
    weights = list(_weights(public_key, inputs, outputs, mode))
    first = group.sum_elements(group.multiply_each(weights, inputs))
    second = group.multiply(key, first)
    commitments = group.multiply_base(nonce), group.multiply(nonce, first)
    challenge = _challenge(mode, public_key, first, second, *commitments)
    return group.encode_scalar(challenge) + group.encode_scalar(nonce - challenge * key)


def verify_proof(
    public_key: bytes, inputs: bytes, outputs: bytes, proof: bytes, mode: Mode = Mode.VOPRF
) -> bool:
    """RFC 9497 section 2.2.2. Raises `Malformed` when an element, scalar or length is."""
    if len(proof) != PROOF_SIZE or len(inputs) != len(outputs):
        raise Malformed("A proof has 64 bytes and covers as many outputs as inputs.", field="proof")
    challenge, response = group.decode_scalar(proof[:32]), group.decode_scalar(proof[32:])
    weights = list(_weights(public_key, inputs, outputs, mode))
    first = group.sum_elements(group.multiply_each(weights, inputs))
    second = group.sum_elements(group.multiply_each(weights, outputs))
    on_base = group.add(group.multiply_base(response), group.multiply(challenge, public_key))
    on_first = group.add(group.multiply(response, first), group.multiply(challenge, second))
    return challenge == _challenge(mode, public_key, first, second, on_base, on_first)


def _weights(public_key: bytes, inputs: bytes, outputs: bytes, mode: Mode) -> Iterator[int]:
    """The scalars d_i of ComputeComposites, from a transcript of everything proven."""
    seed = sha512(prefixed(public_key) + prefixed(b"Seed-" + mode.context)).digest()
    dst = b"HashToScalar-" + mode.context
    for number, at in enumerate(range(0, len(inputs), group.ELEMENT_SIZE)):
        pair = prefixed(inputs[at : at + 32]) + prefixed(outputs[at : at + 32])
        yield group.hash_to_scalar(prefixed(seed) + number.to_bytes(2, "big") + pair + b"Composite", dst)


def _challenge(mode: Mode, *elements: bytes) -> int:
    """The Fiat-Shamir challenge over the public key, both composites and both commitments."""
    transcript = b"".join(map(prefixed, elements))
    return group.hash_to_scalar(transcript + b"Challenge", b"HashToScalar-" + mode.context)


def prefixed(data: bytes) -> bytes:
    """I2OSP(len, 2) ‖ data."""
    return len(_bounded(data)).to_bytes(2, "big") + data


def _bounded(message: bytes) -> bytes:
    if len(message) > MAX_INPUT:
        raise Malformed("An input has at most 65,535 bytes.", field="input")
    return message
