"""The group ristretto255 (RFC 9496), by libsodium.

Promised here: every element that comes in is decoded by libsodium and every return code is checked, so
an encoding that is not canonical raises `Malformed` and never turns into the identity. Scalars are
integers modulo `ORDER`; multiplication by a secret scalar runs in libsodium's constant time.

Left to others: arithmetic on scalars is Python's and not constant time; nothing is wiped from memory;
who may see which scalar. Multiplying by zero, or the identity, raises, because libsodium refuses both.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha512

from comity.errors import Malformed, Unavailable

ORDER = 2**252 + 27742317777372353535851937790883648493
ELEMENT_SIZE = 32
SCALAR_SIZE = 32
IDENTITY = bytes(ELEMENT_SIZE)

_SHA512_BLOCK = bytes(128)
_SYSTEM_NAMES = ("libsodium.so.26", "libsodium.so.23")
_SIGNATURES = {
    "crypto_scalarmult_ristretto255": 3,
    "crypto_scalarmult_ristretto255_base": 2,
    "crypto_core_ristretto255_add": 3,
    "crypto_core_ristretto255_sub": 3,
    "crypto_core_ristretto255_from_hash": 2,
    "crypto_core_ristretto255_is_valid_point": 1,
}

Chance = Callable[[int], bytes]


def _from_system() -> ctypes.CDLL | None:
    """The system's libsodium if it has one that knows ristretto255."""
    for name in (*_SYSTEM_NAMES, None):
        found = name or ctypes.util.find_library("sodium")
        try:
            library = ctypes.CDLL(found) if found else None
        except OSError:
            continue
        if library is not None and hasattr(library, "crypto_scalarmult_ristretto255"):
            return library
    return None


def _from_wheel() -> ctypes.CDLL:
    """The libsodium inside the rbcl wheel, which unpacks itself into a file and leaves it there."""
    try:
        from rbcl import rbcl as wheel
    except (ImportError, OSError) as error:
        raise Unavailable(
            "No libsodium with ristretto255 could be loaded.",
            remedy="install libsodium 1.0.18 or newer, or allow execution in the temporary folder",
        ) from error
    library: ctypes.CDLL = wheel._sodium
    if os.path.exists(library._name):
        os.unlink(library._name)
    return library


def _prepare(library: ctypes.CDLL) -> ctypes.CDLL:
    """Declare the functions in use and initialise the library."""
    if library.sodium_init() < 0:
        raise Unavailable("libsodium could not be initialised.")
    for name, arguments in _SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = (ctypes.c_void_p,) * arguments
        function.restype = ctypes.c_int
    return library


_sodium = _prepare(_from_system() or _from_wheel())
_multiply = _sodium.crypto_scalarmult_ristretto255
_multiply_base = _sodium.crypto_scalarmult_ristretto255_base
_add = _sodium.crypto_core_ristretto255_add
_subtract = _sodium.crypto_core_ristretto255_sub
_from_hash = _sodium.crypto_core_ristretto255_from_hash
_is_valid = _sodium.crypto_core_ristretto255_is_valid_point


def _refused() -> Malformed:
    return Malformed("A group element is not a canonical encoding, or is the identity.", field="element")


def _count(elements: bytes) -> int:
    """How many elements these bytes are; refuses broken lengths and a set top bit (RFC 9496 4.3.1)."""
    count, rest = divmod(len(elements), ELEMENT_SIZE)
    if rest or not count:
        raise Malformed("Group elements come in whole strings of 32 bytes, at least one.", field="element")
    if max(elements[ELEMENT_SIZE - 1 :: ELEMENT_SIZE]) >= 0x80:  # libsodium 1.0.18 ignores this bit
        raise _refused()
    return count


def _one(element: bytes) -> bytes:
    if _count(element) != 1:
        raise Malformed("A group element has 32 bytes.", field="element")
    return element


def encode_scalar(scalar: int) -> bytes:
    """The 32-byte little-endian form of a scalar (RFC 9497 SerializeScalar)."""
    return (scalar % ORDER).to_bytes(SCALAR_SIZE, "little")


def decode_scalar(encoded: bytes) -> int:
    """The scalar of its 32 bytes; `Malformed` unless below `ORDER` (RFC 9497 DeserializeScalar)."""
    scalar = int.from_bytes(encoded, "little")
    if len(encoded) != SCALAR_SIZE or scalar >= ORDER:
        raise Malformed("A scalar has 32 bytes and is below the group's order.", field="scalar")
    return scalar


def random_scalar(chance: Chance) -> int:
    """A uniform scalar that is not zero."""
    return random_scalars(chance, 1)[0]


def random_scalars(chance: Chance, count: int) -> list[int]:
    """`count` independent uniform scalars, none zero, each from 64 bytes of chance (bias below 2^-250)."""
    pool = chance(64 * count)
    scalars = [int.from_bytes(pool[at : at + 64], "little") % ORDER for at in range(0, 64 * count, 64)]
    return [scalar or random_scalar(chance) for scalar in scalars]


def inverse(scalar: int) -> int:
    """The inverse modulo `ORDER`; `Malformed` for zero."""
    if scalar % ORDER == 0:
        raise Malformed("Zero has no inverse.", field="scalar")
    return pow(scalar, -1, ORDER)


def inverse_many(scalars: Sequence[int]) -> list[int]:
    """All inverses for the price of one and three multiplications each (Montgomery's trick)."""
    before, product = [], 1
    for scalar in scalars:
        before.append(product)
        product = product * scalar % ORDER
    after = inverse(product)
    inverses = [0] * len(before)
    for at in range(len(before) - 1, -1, -1):
        inverses[at] = before[at] * after % ORDER
        after = after * scalars[at] % ORDER
    return inverses


def is_valid(element: bytes) -> bool:
    """Whether `element` may stand on the wire: canonical, 32 bytes, not the identity."""
    if len(element) != ELEMENT_SIZE or element == IDENTITY or element[-1] >= 0x80:
        return False
    return bool(_is_valid(element) == 1)


def require_each(elements: bytes) -> None:
    """`Malformed` unless every element may stand on the wire."""
    for at in range(0, _count(elements) * ELEMENT_SIZE, ELEMENT_SIZE):
        if not is_valid(elements[at : at + ELEMENT_SIZE]):
            raise _refused()


def multiply(scalar: int, element: bytes) -> bytes:
    """scalar · element; `Malformed` when either is invalid or the product is the identity."""
    return multiply_each(scalar, _one(element))


def multiply_base(scalar: int) -> bytes:
    """scalar · G; `Malformed` for zero."""
    product = ctypes.create_string_buffer(ELEMENT_SIZE)
    if _multiply_base(product, encode_scalar(scalar)):
        raise _refused()
    return product.raw


def multiply_each(scalars: int | Sequence[int], elements: bytes) -> bytes:
    """Each element times the one scalar, or times the scalar at its place; 32 bytes each, in order.

    `Malformed` when any element is invalid or the identity, any scalar is zero, or the counts differ.
    """
    if isinstance(scalars, int):
        keys, step = encode_scalar(scalars), 0
        _count(elements)
    else:
        keys, step = b"".join(map(encode_scalar, scalars)), SCALAR_SIZE
        if len(scalars) != _count(elements):
            raise Malformed("There must be one scalar for each element.", field="scalar")
    product = ctypes.create_string_buffer(len(elements))
    key, source, target, call = _address(keys), _address(elements), ctypes.addressof(product), _multiply
    for at in range(0, len(elements), ELEMENT_SIZE):
        if call(target + at, key, source + at):
            raise _refused()
        key += step
    return product.raw


def _address(data: bytes) -> int:
    """Where the bytes lie. The caller keeps `data` alive while the address is in use."""
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def add(left: bytes, right: bytes) -> bytes:
    """left + right. The identity is accepted and may result."""
    return _pair(_add, left, right)


def subtract(left: bytes, right: bytes) -> bytes:
    """left − right. The identity is accepted and may result."""
    return _pair(_subtract, left, right)


def _pair(operation: Callable[..., int], left: bytes, right: bytes) -> bytes:
    result = ctypes.create_string_buffer(ELEMENT_SIZE)
    if operation(result, _one(left), _one(right)):
        raise _refused()
    return result.raw


def add_each(left: bytes, right: bytes) -> bytes:
    """The sums of the elements at equal places; `Malformed` when one does not decode or counts differ."""
    if _count(left) != _count(right):
        raise Malformed("There must be as many elements on both sides.", field="element")
    total = ctypes.create_string_buffer(len(left))
    first, second, target, call = _address(left), _address(right), ctypes.addressof(total), _add
    for at in range(0, len(left), ELEMENT_SIZE):
        if call(target + at, first + at, second + at):
            raise _refused()
    return total.raw


def sum_elements(elements: bytes) -> bytes:
    """The sum of all elements (32 bytes each); the identity may result."""
    total = ctypes.create_string_buffer(IDENTITY, ELEMENT_SIZE)
    first = _address(elements)
    for at in range(0, _count(elements) * ELEMENT_SIZE, ELEMENT_SIZE):
        if _add(total, total, first + at):
            raise _refused()
    return total.raw


def hash_to_group(message: bytes, dst: bytes) -> bytes:
    """RFC 9380 expand_message_xmd with SHA-512 to 64 bytes, then RFC 9496's one-way map."""
    return hash_each_to_group((message,), dst)


def hash_each_to_group(messages: Iterable[bytes], dst: bytes) -> bytes:
    """`hash_to_group` of each message, 32 bytes each in one string."""
    wide = [_expand(message, dst) for message in messages]
    elements = ctypes.create_string_buffer(ELEMENT_SIZE * len(wide))
    target = ctypes.addressof(elements)
    for at, uniform in enumerate(wide):
        if _from_hash(target + ELEMENT_SIZE * at, uniform):
            raise _refused()
    return elements.raw


def hash_to_scalar(message: bytes, dst: bytes) -> int:
    """RFC 9497 HashToScalar for ristretto255: 64 expanded bytes, little-endian, modulo `ORDER`."""
    return int.from_bytes(_expand(message, dst), "little") % ORDER


def _expand(message: bytes, dst: bytes) -> bytes:
    """RFC 9380 section 5.3.1 with SHA-512 and 64 bytes of output, which is one block."""
    if len(dst) > 255:
        raise Malformed("A domain separation tag has at most 255 bytes.", field="dst")
    tail = dst + bytes((len(dst),))
    first = sha512(_SHA512_BLOCK + message + b"\x00\x40\x00" + tail).digest()
    return sha512(first + b"\x01" + tail).digest()
