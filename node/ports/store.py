"""The store: one database, transactions of SQLModel sessions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlmodel import Session


class Store(Protocol):
    """Promises: what `write` committed survives a crash of process and machine; nothing of an
    uncommitted `write` is ever seen; writers are serialised with one another, over processes too;
    `read` sees one consistent state. Neither may be held across a call to another machine.
    """

    def write(self) -> AbstractContextManager[Session]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        ...

    def read(self) -> AbstractContextManager[Session]:
        """A session to read with; nothing that is done in it is kept."""
        ...
