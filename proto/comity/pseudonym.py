"""From a selector's normal form to pseudonym input, feed token, hit id and hit notice.

Promised here: every hash is over a fixed label and fields of known or prefixed length, so that no two
uses and no two field splits share an input. Tokens of two publishers, and hits of two pairs of teams, do
not show that they stem from one selector to anybody who lacks the 64-byte output.

Left to others: normal forms, and that the output never leaves the node.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

from comity.errors import Malformed
from comity.oprf import OUTPUT_SIZE, prefixed

PROFILE = "comity-selectors-1"
PURPOSE = "thb"
TOKEN_SIZE = 16
HIT_SIZE = 16


def encode_input(profile: str, purpose: str, kind: str, normal_form: str) -> bytes:
    """The VOPRF input: each field in UTF-8 after its length in two bytes. The epoch is never part of it."""
    try:
        fields = [field.encode() for field in (profile, purpose, kind, normal_form)]
    except UnicodeEncodeError:
        fields = []
    if not fields or not all(fields):
        raise Malformed("Profile, purpose, kind and normal form must be text, and not empty.", field="input")
    return b"".join(map(prefixed, fields))


def token(output: bytes, publisher: str) -> bytes:
    """What `publisher`'s feed carries: SHA-256("comity feed" ‖ output ‖ publisher), first 16 bytes."""
    return sha256(b"comity feed" + _whole(output) + publisher.encode()).digest()[:TOKEN_SIZE]


def tokens(outputs: Iterable[bytes], publisher: str) -> list[bytes]:
    """`token` of each output, in order."""
    head, tail = sha256(b"comity feed"), publisher.encode()
    found = []
    for output in outputs:
        state = head.copy()
        state.update(_whole(output) + tail)
        found.append(state.digest()[:TOKEN_SIZE])
    return found


def hit_id(output: bytes, team_a: str, team_b: str) -> bytes:
    """The name of a hit between two teams, the same for both: 16 bytes."""
    if team_a == team_b:
        raise Malformed("A hit is between two teams.", field="team")
    teams = b"".join(prefixed(team.encode()) for team in sorted((team_a, team_b)))
    return sha256(b"comity hit" + _whole(output) + teams).digest()[:HIT_SIZE]


def notice_key(output: bytes) -> bytes:
    """The key that only those have who evaluated the selector themselves: 32 bytes."""
    return sha256(b"comity notice" + _whole(output)).digest()


def notice_proof(output: bytes, sender: str, recipient: str, hit: bytes) -> bytes:
    """HMAC-SHA-256 that a hit notice carries: shows that the sender holds the output, not only a token."""
    if len(hit) != HIT_SIZE:
        raise Malformed("A hit id has 16 bytes.", field="hit")
    names = prefixed(sender.encode()) + prefixed(recipient.encode())
    return hmac.digest(notice_key(output), b"comity-hit-notice-v1" + names + hit, "sha256")


def check_notice_proof(output: bytes, sender: str, recipient: str, hit: bytes, proof: bytes) -> bool:
    """Whether `proof` is the notice's, compared in constant time."""
    return hmac.compare_digest(notice_proof(output, sender, recipient, hit), proof)


def _whole(output: bytes) -> bytes:
    if len(output) != OUTPUT_SIZE:
        raise Malformed("A pseudonym output has 64 bytes.", field="output")
    return output
