"""What every test may ask for: a database of its own, a message server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import fresh_database, nats_url, postgres_url


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """A PostgreSQL server, as an SQLAlchemy URL."""
    return postgres_url()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database that only this test has, as an SQLAlchemy URL."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def nats() -> str:
    """A NATS server with JetStream."""
    return nats_url()
