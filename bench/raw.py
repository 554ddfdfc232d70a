"""The unit of all pseudonym figures: one libsodium scalar multiplication on ristretto255, in a bare loop.

The loop calls the library through ctypes with addresses prepared beforehand, so that what remains beside
the multiplication is one foreign call (below 1 % of it).
"""

from __future__ import annotations

import ctypes
import time

from comity import group


class RawLoop:
    """A loop of `count` multiplications over fixed operands; `seconds()` runs it once on this thread."""

    def __init__(self, count: int = 200) -> None:
        key = int.from_bytes(bytes(range(1, 33)), "little") % group.ORDER
        elements = group.multiply_each(range(2, count + 2), group.multiply_base(1) * count)
        self._key = ctypes.create_string_buffer(group.encode_scalar(key), group.SCALAR_SIZE)
        self._elements = ctypes.create_string_buffer(elements, len(elements))
        self._product = ctypes.create_string_buffer(group.ELEMENT_SIZE)
        self.count = count

    def seconds(self) -> float:
        """Processor seconds of this thread for one multiplication."""
        call, key, product = group._multiply, ctypes.addressof(self._key), ctypes.addressof(self._product)
        start = ctypes.addressof(self._elements)
        places = range(start, start + group.ELEMENT_SIZE * self.count, group.ELEMENT_SIZE)
        began = time.thread_time()
        for element in places:
            call(product, key, element)
        return (time.thread_time() - began) / self.count
