"""The registered domain of a host: `rooms.example.co.uk` belongs to `example.co.uk`.

The public suffix list is the one that the library carries, so no network is needed. Addresses of
hidden services count as registered names.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from publicsuffixlist import PublicSuffixList


@cache
def _list() -> Any:
    return PublicSuffixList()


def registered_domain(host: str) -> str:
    """The registered domain, or the host itself when it is an address or a public suffix."""
    if host.startswith("[") or host.replace(".", "").isdigit():
        return host
    return str(_list().privatesuffix(host) or host)
