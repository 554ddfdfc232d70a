"""Which IP addresses mean nothing outside one network.

The list is frozen with the profile, since Python's own moves between releases. Documentation ranges
(RFC 5737, RFC 3849) count as public, so that exercises can use them.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


def is_private(address: Address) -> bool:
    """Whether the address is private, shared, local, multicast or reserved."""
    return any(address.version == block.version and address in block for block in _PRIVATE)
