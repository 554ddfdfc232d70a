"""A broker's card as a text that can be mailed and read out: what a roster's composer takes in.

The text is a header line, the base64 of the serialised `BrokerCard`, and a footer line. Its fingerprint
is over the serialised card; the composer compares it with the broker's operator, by voice. Nothing
else vouches for it.
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap

from google.protobuf.message import DecodeError

from comity.errors import Malformed
from comity.identifiers import fingerprint
from comity.transport.limits import check
from comity.transport.pki import load_certificate
from comity.v1.roster_pb2 import BrokerCard

_LABEL = "COMITY BROKER CARD"
_FORM = re.compile(rf"\s*-----BEGIN {_LABEL}-----\n([A-Za-z0-9+/=\s]+)-----END {_LABEL}-----\s*")


def to_text(card: BrokerCard) -> str:
    """The card as text."""
    body = textwrap.fill(base64.b64encode(card.SerializeToString(deterministic=True)).decode(), 64)
    return f"-----BEGIN {_LABEL}-----\n{body}\n-----END {_LABEL}-----\n"


def from_text(text: str) -> BrokerCard:
    """The card inside `text`.

    Raises:
        Malformed: the text, the card or its certificate does not have its form.
    """
    found = _FORM.fullmatch(text.replace("\r\n", "\n"))
    if found is None:
        raise Malformed("This is not a broker card.", field="card")
    try:
        card = BrokerCard.FromString(base64.b64decode("".join(found[1].split()), validate=True))
    except (DecodeError, binascii.Error):
        raise Malformed("The broker card is damaged.", field="card") from None
    check(card)
    load_certificate(card.authority_pem)
    return card


def card_fingerprint(card: BrokerCard) -> str:
    """What two people compare before the card enters a roster."""
    return fingerprint(card.SerializeToString(deterministic=True))
