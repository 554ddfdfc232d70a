"""A broker's home: the folder with its keys, certificate, settings and, by default, its database.

    settings.toml    what the operator decides
    authority.key    the broker's certificate authority; sign leaves, nothing else
    authority.pem
    leaf.pem         certificate and key of the moment; renewed by `serve` at two thirds of its life
    witness.key      Ed25519 seed that cosigns checkpoints, in hexadecimal
    <id>.broker      the card for the roster's composer
    broker.sqlite    mail, roster, witness (unless `database` says otherwise)
    ready            while serving: process id, port
    lock             held while serving

Files are readable by their owner alone. An attacker who can read the home can pose as this broker and
cosign forks; it still reads no mail.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from comity.envelope import Signer
from comity.errors import Conflict, Malformed
from comity.transport import broker_card, pki
from comity.transport.folder import Folder
from comity.transport.pki import KeyPair
from comity.v1.roster_pb2 import BrokerCard


class Home(Folder):
    """The files of one broker."""

    def create(self, *, broker: str, now: datetime) -> None:
        """Makes folder, authority and witness key; refuses a folder that has them."""
        if (self.folder / "authority.key").exists():
            raise Conflict(
                "There is a broker in this folder already.",
                code="home-exists",
                field="home",
                remedy="Choose another folder; keys are never overwritten.",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        authority = pki.make_authority(f"broker {broker} {secrets.token_hex(4)}", now)
        self.write("authority.key", authority.key_pem)
        self.write("authority.pem", authority.cert_pem)
        self.write("witness.key", secrets.token_hex(32).encode() + b"\n")

    def authority(self) -> KeyPair:
        """The broker's certificate authority."""
        return KeyPair(self.read("authority.key"), self.read("authority.pem"))

    def witness(self) -> Signer:
        """The key that cosigns.

        Raises:
            Malformed: the file is not 32 bytes in hexadecimal.
        """
        try:
            return Signer(bytes.fromhex(self.read("witness.key").decode().strip()))
        except (ValueError, UnicodeDecodeError):
            raise Malformed("witness.key is damaged.", field="witness.key") from None

    def card(self, *, broker: str, name: str, address: str) -> BrokerCard:
        """What the roster says about this broker."""
        return BrokerCard(
            broker=broker,
            name=name or broker,
            address=address,
            witness_key=self.witness().public,
            authority_pem=self.read("authority.pem"),
        )

    def write_card(self, card: BrokerCard) -> Path:
        """Writes the card beside the keys; returns where."""
        self.write(f"{card.broker}.broker", broker_card.to_text(card).encode())
        return self.folder / f"{card.broker}.broker"
