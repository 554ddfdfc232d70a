"""backup, restore: one file with database, settings and keys of one moment.

The rules: the copy of the database is consistent while the node serves; the file is readable by its
owner alone, and holds what the node needs to pose as itself, so it is kept like the node; the root key
in offline/ and the certificate of the moment are not in it; every part is checked against its SHA-256
before a restore writes anything; a restore goes into an empty folder only, and the restored node's
database is the one in that folder, wherever the old one was.

Never restore beside a node that still runs, nor an old copy after a newer one served: the log would
begin to contradict what its witnesses have cosigned, and they would say so.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast

import typer

from comity.errors import Conflict, Corrupt, Malformed
from node.cli.commands.home import CARD, check_home
from node.cli.options import HERE, HomeOption, JsonOption
from node.cli.output import reported, say

app = typer.Typer()

MANIFEST = "manifest.json"
FORMAT = "comity-backup-1"
DATABASE = "node.db"
SETTINGS = "settings.toml"
PARTS = (
    SETTINGS,
    CARD,
    "keys/kek.key",
    "keys/signing.key",
    "keys/sealing.key",
    "keys/authority.key",
    "keys/authority.pem",
    DATABASE,
)
_DATABASE_LINE = re.compile(rb"^[ \t]*database[ \t]*=.*\n?", re.MULTILINE)


@app.command(epilog="Example: comity-node backup nl-2026-05-03.backup --home nl")
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a consistent copy of the node, also while it serves. Keep it like the node itself."""
    with reported(as_json):
        check_home(home)
        database = _database(home)
        with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as folder:
            copy = Path(folder) / DATABASE
            _copy_database(database, copy)
            settings = Path(folder) / SETTINGS
            settings.write_bytes(_DATABASE_LINE.sub(b"", (home / SETTINGS).read_bytes()))
            own = {name: home / name for name in PARTS if (home / name).exists()}
            sources = own | {SETTINGS: settings, DATABASE: copy}
            made = _pack(sources, Path(folder) / "packed")
            _place(Path(folder) / "packed", file)
        result = {"file": str(file), "bytes": file.stat().st_size, "parts": sorted(made)}
        say(result, as_json, title="Backed up, without offline/root.key, which is not the node's to keep.")


@app.command(epilog="Example: comity-node restore nl-2026-05-03.backup --home nl-new")
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into an empty folder.

    Only the newest copy, and only when the old node is gone: two nodes with one key, or a log that
    goes back, is what the witnesses are there to find.
    """
    with reported(as_json):
        if home.exists() and (not home.is_dir() or any(home.iterdir())):
            raise Conflict(
                "The folder is not empty.",
                code="not-empty",
                field="home",
                remedy="restore into a new folder; a node is never restored over another",
            )
        taken_at = _unpack(file, home)
        result = {"home": str(home), "taken_at": taken_at, "next": f"comity-node serve --home {home}"}
        say(result, as_json, title="Restored.")


def _database(home: Path) -> Path:
    """The database's file; Conflict when the database is a server's."""
    from sqlalchemy.engine import make_url

    from node.adapters.home import Home

    found = Home(home)
    url = make_url(found.database_url(found.settings(dict(os.environ))))
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Conflict(
            "The database is a server's, which has its own backup.",
            code="server-database",
            field="database",
            remedy="pg_dump for the database; copy settings.toml and keys/ beside it at the same moment",
        )
    return Path(url.database)


def _copy_database(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            sound = new.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.Error:
        raise Corrupt("The database cannot be read.", field="database") from None
    if not sound:
        raise Corrupt("The database is damaged: this copy would be, too.", field="database")


def _pack(sources: dict[str, Path], target: Path) -> list[str]:
    digests = {name: _digest(path) for name, path in sources.items()}
    manifest = {
        "format": FORMAT,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "parts": digests,
    }
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
        head = tarfile.TarInfo(MANIFEST)
        data = json.dumps(manifest, sort_keys=True).encode()
        head.size, head.mode = len(data), 0o600
        archive.addfile(head, io.BytesIO(data))
        for name, path in sources.items():
            archive.add(path, arcname=name, recursive=False)
        raw.flush()
    return list(digests)


def _place(packed: Path, file: Path) -> None:
    """Gives the finished archive its name, unless the name is taken."""
    try:
        os.link(packed, file)
    except FileExistsError:
        raise Conflict(
            "There is a file of that name already.",
            code="file-exists",
            field="file",
            remedy="choose another name; nothing is overwritten",
        ) from None


def _unpack(file: Path, home: Path) -> str:
    """Writes the parts after all of them were checked; returns when the copy was taken."""
    try:
        with tarfile.open(file, mode="r:") as archive:
            manifest = _manifest(archive)
            parts = manifest["parts"]
            members = {name: _member(archive, name) for name in parts}
            for name, member in members.items():
                with _content(archive, member) as content:
                    if hashlib.file_digest(content, "sha256").hexdigest() != parts[name]:
                        raise Corrupt(f"{name} in the backup is damaged.", field="file")
            for name, member in members.items():
                with _content(archive, member) as content:
                    _write(home / name, content)
    except (tarfile.TarError, EOFError):
        raise Malformed("This is not a backup.", field="file") from None
    return str(manifest["taken_at"])


def _manifest(archive: tarfile.TarFile) -> dict[str, dict[str, str]]:
    with _content(archive, _member(archive, MANIFEST)) as content:
        try:
            manifest = json.loads(content.read(65_536))
        except ValueError:
            manifest = None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Malformed("This is not a backup of this version.", field="file")
    if not set(manifest["parts"]) <= set(PARTS):
        raise Malformed("The backup holds what no backup holds.", field="file")
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    try:
        found = archive.getmember(name)
    except KeyError:
        raise Malformed(f"The backup has no {name}.", field="file") from None
    if not found.isreg():
        raise Malformed(f"{name} in the backup is not a file.", field="file")
    return found


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> io.BufferedReader:
    return cast(io.BufferedReader, archive.extractfile(member))  # a regular file has content


def _write(target: Path, content: io.BufferedReader) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while piece := content.read(1_048_576):
            file.write(piece)
        file.flush()
        os.fsync(descriptor)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
