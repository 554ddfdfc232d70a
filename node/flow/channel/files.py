"""Files: announced with size and hash, sent in parts of 512 KiB, assembled only when the hash agrees."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from comity.channel import CHUNK_BYTES
from comity.envelope import Chance
from comity.errors import Conflict, Corrupt, Malformed
from comity.v1 import channel_pb2 as pb
from node.flow.case import FileEntry, SharedCase
from node.flow.channel.steps import Step, check_may_write

NAME_LIMIT = 255
_UNSAFE = frozenset('/\\\0:*?"<>|')


def file_announcement(
    case: SharedCase,
    team: str,
    *,
    name: str,
    size: int,
    sha256: bytes,
    officer: str,
    chance: Chance,
    handling: str = "",
    note: str = "",
) -> Step:
    """Announce a file of `size` bytes whose SHA-256 is `sha256`. `name` is a bare file name, no path."""
    check_may_write(case, team, officer)
    check_name(name)
    if size < 0 or len(sha256) != 32:
        raise Malformed("A file has a size from 0 and a SHA-256 of 32 bytes.", field="sha256")
    body = pb.ChannelFile(
        id=chance(16),
        name=name,
        size=size,
        sha256=sha256,
        chunks=chunk_count(size),
        officer=officer,
        handling=handling,
        note=note,
    )
    return Step(pb.CHANNEL_EVENT_KIND_FILE, body)


def chunks(file_id: bytes, data: bytes | Iterable[bytes]) -> Iterator[Step]:
    """The parts of a file, in order. `data`: all of it, or blocks of any size read one by one."""
    pending, index = bytearray(), 0
    for block in (data,) if isinstance(data, bytes) else data:
        pending += block
        while len(pending) >= CHUNK_BYTES:
            yield _chunk(file_id, index, bytes(pending[:CHUNK_BYTES]))
            del pending[:CHUNK_BYTES]
            index += 1
    if pending:
        yield _chunk(file_id, index, bytes(pending))


def assemble(file: FileEntry, parts: Mapping[int, bytes]) -> bytes:
    """The file, verified. Raises `Conflict` while parts are missing, `Corrupt` when size or hash differ."""
    if any(index not in parts for index in range(file.chunks)):
        raise Conflict(
            "The file is not complete yet.",
            code="file-incomplete",
            remedy="Wait for the missing parts, or ask its author for them.",
        )
    data = b"".join(parts[index] for index in range(file.chunks))
    if len(data) != file.size or hashlib.sha256(data).digest() != file.sha256:
        raise Corrupt("The parts do not make the file that was announced.", field="sha256")
    return data


def chunk_count(size: int) -> int:
    """How many parts a file of `size` bytes has; none when it is empty."""
    return -(-size // CHUNK_BYTES)


def check_name(name: str) -> str:
    """`name`, when it is safe to be a file's name on any system. Raises `Malformed`."""
    plain = name.isprintable() and not _UNSAFE.intersection(name) and name.strip(" .") == name
    if not name or not plain or len(name.encode()) > NAME_LIMIT:
        raise Malformed(
            "A file's name has no path, no control characters and at most 255 bytes.", field="name"
        )
    return name


def _chunk(file_id: bytes, index: int, data: bytes) -> Step:
    return Step(pb.CHANNEL_EVENT_KIND_CHUNK, pb.ChannelChunk(file=file_id, index=index, data=data))
