"""Each port's suite runs on each of its adapters: the parameters are the adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from node.adapters.store import SqlStore
from node.adapters.vault import SealedVault
from node.ports.store import Store
from tests.simulator import Clock, SeededChance

KEK = bytes(range(32))
Open = Callable[[], SqlStore]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each engine."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path / 'node.db'}"


@pytest.fixture
def open_store(url: str) -> Iterator[Open]:
    """Opens a store on the same database as often as it is called, as processes do after one another."""
    stores: list[SqlStore] = []

    def opened() -> SqlStore:
        store = SqlStore(url)
        store.migrate()
        stores.append(store)
        return store

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Open) -> SqlStore:
    """One store."""
    return open_store()


@pytest.fixture
def vault() -> SealedVault:
    """A vault of one key-encryption key."""
    return new_vault()


def fail_after(store: Store, work: Callable[[Session], object]) -> None:
    """A transaction in which `work` is done, and then something goes wrong."""
    with store.write() as session:
        work(session)
        session.flush()
        raise ZeroDivisionError


def new_vault(kek: bytes = KEK, seed: str = "vault") -> SealedVault:
    """A vault as after a restart: it remembers nothing but the key-encryption key."""
    return SealedVault(kek, clock=Clock(), chance=SeededChance(seed))
