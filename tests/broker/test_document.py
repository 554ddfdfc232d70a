"""The example bytes in docs/protocol/broker.md are what the code writes."""

from __future__ import annotations

import re
from pathlib import Path

from google.protobuf import text_format

from broker.service.mailbox import Quotas
from comity.v1 import broker_pb2

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/protocol/broker.md").read_text(encoding="utf-8")
_EXAMPLE = re.compile(r"^(\w+) +((?:[0-9a-f]{2} ?)+?)\s+(\w+: .*)$", re.MULTILINE)


def test_the_examples_are_the_bytes_on_the_wire() -> None:
    examples = _EXAMPLE.findall(DOCUMENT)
    assert len(examples) == 5
    for name, octets, text in examples:
        message = text_format.Parse(text, getattr(broker_pb2, name)())
        assert message.SerializeToString() == bytes.fromhex(octets), name


def test_the_quotas_are_those_of_the_code() -> None:
    quotas = Quotas()
    assert f"a sender {quotas.sender_mails:,} mails and {quotas.sender_bytes // 2**20} MiB" in DOCUMENT
    assert f"{quotas.recipient_mails:,} mails and {quotas.recipient_bytes // 2**30} GiB" in DOCUMENT
