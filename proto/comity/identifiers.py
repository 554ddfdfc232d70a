"""Names and fingerprints: how teams, federations, nodes, brokers, logs and keys are called.

The rules:

* A name is checked where it enters and compared byte for byte afterwards: lower-case ASCII only, no
  normalisation, no second spelling (SPIFFE libraries accept upper case in the trust domain; this does not).
* Team and broker: `[a-z][a-z0-9-]{1,31}`. Federation: `[a-z][a-z0-9.-]{1,62}`.
* A key is named by the first 16 bytes of SHA-256 over its public bytes; a document is named to a person by
  `sha256:` and 64 hexadecimal digits.

Left to others: whether a well-formed name is in the roster.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from comity.errors import Malformed

_TEAM = re.compile(r"[a-z][a-z0-9-]{1,31}")
_FEDERATION = re.compile(r"[a-z][a-z0-9.-]{1,62}")
_SPIFFE = re.compile(r"spiffe://([^/]+)/(?:team/([^/]+)/node|broker/([^/]+))")
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{64}")

Role = Literal["team", "broker"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a SPIFFE id names: a team's node or a broker of one federation."""

    federation: str
    role: Role
    name: str


def check_team(text: str, field: str = "team") -> str:
    """`text` itself when it is a team id; Malformed otherwise."""
    return _check(_TEAM, text, field, "a team id has 2 to 32 of a-z, 0-9 and '-', first a letter")


def check_broker(text: str, field: str = "broker") -> str:
    """`text` itself when it is a broker id (the form of a team id); Malformed otherwise."""
    return _check(_TEAM, text, field, "a broker id has 2 to 32 of a-z, 0-9 and '-', first a letter")


def check_federation(text: str, field: str = "federation") -> str:
    """`text` itself when it is a federation name; Malformed otherwise."""
    return _check(
        _FEDERATION, text, field, "a federation name has 2 to 63 of a-z, 0-9, '.' and '-', first a letter"
    )


def _check(form: re.Pattern[str], text: str, field: str, rule: str) -> str:
    if not form.fullmatch(text):
        raise Malformed("The name does not have the form asked for.", field=field, remedy=rule)
    return text


def node_spiffe(federation: str, team: str) -> str:
    """SPIFFE id of a team's node, e.g. `spiffe://eu-thb/team/nl/node`."""
    return f"spiffe://{check_federation(federation)}/team/{check_team(team)}/node"


def broker_spiffe(federation: str, broker: str) -> str:
    """SPIFFE id of a broker, e.g. `spiffe://eu-thb/broker/hub`."""
    return f"spiffe://{check_federation(federation)}/broker/{check_broker(broker)}"


def parse_spiffe(uri: str) -> Identity:
    """The identity that a SPIFFE id names; Malformed unless it is exactly one of the two forms above."""
    found = _SPIFFE.fullmatch(uri)
    if not found:
        raise Malformed("The SPIFFE id names neither a team's node nor a broker.", field="spiffe")
    federation, team, broker = found.groups()
    check_federation(federation)
    if team is not None:
        return Identity(federation, "team", check_team(team))
    return Identity(federation, "broker", check_broker(broker))


def log_origin(federation: str, team: str) -> str:
    """Origin line of a team's log (C2SP tlog-checkpoint), also the team's name as a witness."""
    return f"comity/{check_federation(federation)}/{check_team(team)}"


def broker_witness(federation: str, broker: str) -> str:
    """Name under which a broker cosigns; the dot keeps it apart from every team's name."""
    return f"comity/{check_federation(federation)}/broker.{check_broker(broker)}"


def fingerprint(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits, to be read out over the telephone."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check_fingerprint(text: str, field: str = "fingerprint") -> str:
    """`text` itself when it has the form of `fingerprint`; Malformed otherwise."""
    return _check(_FINGERPRINT, text, field, "'sha256:' and 64 lower-case hexadecimal digits")


def key_id(public: bytes) -> bytes:
    """The 16 bytes that name a public key on the wire."""
    return hashlib.sha256(public).digest()[:16]
