"""A text file for JSON lines that cannot grow without bound.

Promises: a line is never split over two files; at most `keep` + 1 files of about `limit` bytes each
exist; only the owner may read them. A full disk loses lines, never the program: they are counted.
"""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path


class RotatingFile(io.TextIOBase):
    """Appends to `path`; above `limit` bytes the file becomes `path.1`, `path.1` becomes `path.2` …"""

    def __init__(self, path: Path, *, limit: int = 10_485_760, keep: int = 3) -> None:
        super().__init__()
        self._path, self._limit, self._keep = path, limit, keep
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open()
        self.lost = 0

    def write(self, text: str) -> int:
        """Writes whole lines; see `io.TextIOBase.write`."""
        data = text.encode("utf-8", "replace")
        with self._lock:
            try:
                if self._file.tell() + len(data) > self._limit and self._file.tell() > 0:
                    self._rotate()
                self._file.write(data)
            except (OSError, ValueError):
                self.lost += 1
        return len(text)

    def writable(self) -> bool:
        """Always."""
        return True

    def flush(self) -> None:
        """Nothing is buffered: lines are in the file when `write` returns."""

    def close(self) -> None:
        """Closes the file; later lines are lost and counted."""
        with self._lock:
            self._file.close()
        super().close()

    def _open(self) -> io.FileIO:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = io.FileIO(descriptor, "a")
        file.seek(0, os.SEEK_END)
        return file

    def _rotate(self) -> None:
        self._file.close()
        for number in range(self._keep, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            newer = self._path.with_name(f"{self._path.name}.{number - 1}") if number > 1 else self._path
            if newer.exists():
                newer.replace(older)
        self._file = self._open()
