"""Executes a document: its `console` blocks, each line in the terminal that its prompt names.

    nl$ command …      typed into the terminal `nl`, a bash of its own; `> ` continues it
    # => words         must appear in what the command prints; `…` stands for anything on that line
    # => exit 1        the command's exit status; 0 when nothing is said

A fenced block with a file name after its language (```csv nl.csv) is saved as that file. A command that only
looks is repeated until it shows what is expected, as a person would look again.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

FENCE = re.compile(r"^```(\w+)(?: ([\w.-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"([a-z]+)\$ (.+)")
LOOKS = re.compile(
    r"comity-node ((requests|channel) (list|show)|disclosures|doctor|hits|recalls|received|status)\b"
)
PATIENCE = 60.0  # seconds that a command, or the news it looks for, may take
PAUSE = 0.2

Found = TypeVar("Found")


@dataclass
class Command:
    """One command of the document, and what it should show."""

    terminal: str
    text: str
    expected: list[str] = field(default_factory=list)
    status: int = 0


@dataclass
class File:
    """A file that the reader is told to save."""

    name: str
    text: str


def steps(document: str) -> Iterator[Command | File]:
    """The document's files and commands, in order; a line that is neither is an error."""
    for language, name, body in FENCE.findall(document):
        if name:
            yield File(name, body)
        elif language == "console":
            yield from _commands(body)


def _commands(body: str) -> Iterator[Command]:
    found: list[Command] = []
    for line in body.splitlines():
        if typed := PROMPT.fullmatch(line):
            found.append(Command(typed[1], typed[2]))
        elif line.startswith("> "):
            found[-1].text += "\n" + line[2:]
        elif line.startswith("# => exit "):
            found[-1].status = int(line.removeprefix("# => exit "))
        elif line.startswith("# => "):
            found[-1].expected.append(line.removeprefix("# => "))
        else:
            raise AssertionError(f"neither a command nor an expectation: {line!r}")
    yield from found


def missing(expected: list[str], shown: str) -> list[str]:
    """The expectations that the output does not meet; runs of blanks count as one."""
    plain = re.sub(r"[ \t]+", " ", shown)
    return [each for each in expected if not re.search(_pattern(each), plain)]


def _pattern(words: str) -> str:
    parts = [re.escape(re.sub(r"[ \t]+", " ", part)) for part in words.split("…")]
    return ".*".join(parts)


class Terminal:
    """A bash into which lines are typed; what it and its background jobs print is kept."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--norc", "-m", "-s"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._shown = ""
        self._news = threading.Condition()
        self._count = 0
        threading.Thread(target=self._read, args=(self._bash.stdout,), daemon=True).start()

    def type(self, text: str) -> int:
        """Types a command; returns where its output begins."""
        self._count += 1
        assert self._bash.stdin is not None
        with self._news:
            start = len(self._shown)
        self._bash.stdin.write(f'{{ {text}\n}} </dev/null; echo "done {self._count}: $?"\n')
        self._bash.stdin.flush()
        return start

    def wait_done(self, start: int) -> int:
        """The exit status of the command typed last."""
        end = re.compile(rf"^done {self._count}: (\d+)$", re.MULTILINE)
        found = self._wait(lambda: end.search(self._shown, start))
        assert found is not None, f"it did not end:\n{self._shown[start:]}"
        return int(found[1])

    def wait_shown(self, start: int, expected: list[str], seconds: float) -> list[str]:
        """Waits until what is expected was shown; returns what was not."""
        self._wait(lambda: not missing(expected, self._shown[start:]) or None, seconds)
        return missing(expected, self._shown[start:])

    def shown(self, start: int) -> str:
        """What was printed since."""
        return self._shown[start:]

    def close(self) -> None:
        """Ends the bash and what still runs in its background."""
        if self._bash.poll() is None and self._bash.stdin is not None:
            self._bash.stdin.write("kill $(jobs -p) 2>/dev/null; wait; exit\n")
            self._bash.stdin.close()
        try:
            self._bash.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._bash.pid, signal.SIGKILL)
            self._bash.wait()

    def _wait(self, look: Callable[[], Found | None], seconds: float = PATIENCE) -> Found | None:
        until = time.monotonic() + seconds
        with self._news:
            while (found := look()) is None and (left := until - time.monotonic()) > 0:
                self._news.wait(left)
        return found

    def _read(self, stream: IO[str] | None) -> None:
        assert stream is not None
        for line in stream:
            with self._news:
                self._shown += line
                self._news.notify_all()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def play(document: str, folder: Path, environment: Mapping[str, str]) -> int:
    """Executes the document in a folder; returns how many commands it ran."""
    terminals: dict[str, Terminal] = {}
    ran = 0
    try:
        for step in steps(document):
            if isinstance(step, File):
                (folder / step.name).write_text(step.text, encoding="utf-8")
                continue
            if step.terminal not in terminals:
                terminals[step.terminal] = Terminal(folder, environment)
            _run(terminals[step.terminal], step)
            ran += 1
    finally:
        for terminal in terminals.values():
            terminal.close()
    return ran


def _run(terminal: Terminal, step: Command) -> None:
    until = time.monotonic() + PATIENCE
    background = step.text.endswith("&")
    while True:
        start = terminal.type(step.text)
        status = terminal.wait_done(start)
        left = terminal.wait_shown(start, step.expected, PATIENCE if background else 1.0)
        if not left and status == step.status:
            return
        if not LOOKS.match(step.text) or time.monotonic() > until:
            shown = terminal.shown(start)
            raise AssertionError(f"{step.terminal}$ {step.text}\nexit {status}, not shown: {left}\n\n{shown}")
        time.sleep(PAUSE)
