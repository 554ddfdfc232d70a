"""Mail from the broker: fetched from a cursor, opened, accepted once, then acknowledged."""

from __future__ import annotations

from comity.envelope import parse_envelope
from comity.errors import ComityError, Unavailable
from comity.seal import open_box
from node.service.context import Node, get_meta, raise_alarm, set_meta
from node.service.incoming import accept
from node.service.outgoing import MAIL_INFO

CURSOR = "mailbox.cursor"


def fetch(node: Node, wait_seconds: int) -> int:
    """Takes in what waits, and what arrives within the wait; returns how many mails."""
    with node.store.read() as session:
        after = int(get_meta(session, CURSOR, "0"))
    taken = 0
    for mail in node.mailbox.fetch(after, wait_seconds):
        _take(node, mail.sender, mail.sealed)
        with node.store.write() as session:
            set_meta(session, CURSOR, str(mail.sequence))
        node.mailbox.acknowledge(mail.sequence)
        taken += 1
    return taken


def _take(node: Node, sender: str, sealed: object) -> None:
    try:
        accept(node, parse_envelope(open_box(node.keys.sealing, sealed, MAIL_INFO)))  # type: ignore[arg-type]
    except Unavailable:
        raise  # our own store: the mail stays where it is
    except ComityError as error:
        _refuse(node, sender, error.message)
    except Exception as error:  # noqa: BLE001  what nobody foresaw must not hold up the mails behind it
        _refuse(node, sender, type(error).__name__)


def _refuse(node: Node, sender: str, reason: str) -> None:
    with node.store.write() as session:
        raise_alarm(session, node, "warning", "mail-refused", f"a mail of {sender} was refused: {reason}")
