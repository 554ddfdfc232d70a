"""Starts the processes of the demonstration and starts again what dies, as a service manager would.

The rules:

* Each process has its own process group, so that all of it can be ended; its output goes to
  `run/<name>.out` and `.err`, its number to `run/<name>.pid`.
* A process that ends without being told to is started again. One that ends by itself five times before it
  is ready is given up, and `check` says so with its last words; what somebody kills is always started again.
* `close` ends everything, whatever happened before.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from node.cli.demo.waiting import StepFailed, until

GRACE = 8.0  # seconds between asking a process to end and ending it
LOOK = 0.05  # seconds between two looks at the processes
GIVE_UP = 5  # ends of its own in a row without having been ready

_MODULES = {"comity-node": "node.cli.node", "comity-broker": "broker.cli", "comity-verify": "comity.verify"}


def program(name: str) -> list[str]:
    """How to run one of our commands with this very Python, wherever it is installed."""
    beside = Path(sys.executable).with_name(name)
    if beside.exists():
        return [str(beside)]
    return [sys.executable, "-P", "-c", f"import sys; from {_MODULES[name]} import main; sys.exit(main())"]


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without settings of other nodes and brokers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    return {**kept, **more}


@dataclass
class Child:
    """One process that is to run."""

    name: str
    command: Sequence[str]
    ready_file: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = True
    failures: int = 0
    restarts: int = 0
    was_ready: bool = field(default=False)

    def is_ready(self) -> bool:
        """Whether the process of this moment has said that it serves."""
        if self.process is None or self.process.poll() is not None:
            return False
        try:
            self.was_ready = json.loads(self.ready_file.read_bytes())["pid"] == self.process.pid
        except (OSError, ValueError, KeyError):
            return False
        return self.was_ready


class Supervisor:
    """Keeps processes running until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: dict[str, Child] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(
        self, name: str, command: Sequence[str], ready_file: Path, environment: Mapping[str, str]
    ) -> None:
        """Starts a process and keeps it running."""
        with self._lock:
            child = Child(name, command, ready_file, environment)
            self._children[name] = child
            self._run(child)

    def stop(self, name: str) -> None:
        """Ends one process and leaves it ended; it is given time to finish what it does."""
        with self._lock:
            child = self._children[name]
            child.wanted = False
        if child.process is not None:
            _end([child.process])

    def resume(self, name: str) -> None:
        """Starts a process again that was stopped."""
        with self._lock:
            child = self._children[name]
            child.wanted = True
            self._run(child)

    def wait_ready(self, names: Sequence[str]) -> None:
        """Returns once all of them serve."""
        for name in names:
            until(lambda name=name: self._look(name), f"{name} starts", node=name)  # type: ignore[misc]

    def _look(self, name: str) -> bool:
        self.check()
        return self._children[name].is_ready()

    def check(self) -> None:
        """StepFailed when a process was given up."""
        for child in list(self._children.values()):
            if child.failures >= GIVE_UP:
                raise StepFailed(
                    f"The process {child.name} ends each time it is started. It says: {self._words(child)}",
                    field=child.name,
                    remedy="mend what it says, and run the demonstration again",
                )

    @property
    def restarts(self) -> int:
        """How often a process was started again that had ended by itself."""
        return sum(child.restarts for child in self._children.values())

    def close(self) -> None:
        """Ends all processes."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            running = [child.process for child in self._children.values() if child.process is not None]
            _end(running)
            for child in self._children.values():
                (self._folder / f"{child.name}.pid").unlink(missing_ok=True)

    def _run(self, child: Child) -> None:
        child.was_ready = False
        out, err = (self._folder / f"{child.name}.{each}" for each in ("out", "err"))
        with out.open("ab") as output, err.open("ab") as errors:
            child.process = subprocess.Popen(
                list(child.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=dict(child.environment),
                start_new_session=True,
            )
        (self._folder / f"{child.name}.pid").write_text(f"{child.process.pid}\n", encoding="ascii")

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            with self._lock:
                for child in self._children.values():
                    self._revive(child)

    def _revive(self, child: Child) -> None:
        if child.is_ready():
            child.failures = 0
        if not child.wanted or child.process is None or child.process.poll() is None:
            return
        if not child.was_ready and child.process.returncode != -signal.SIGKILL:
            child.failures += 1
        if child.failures < GIVE_UP:
            child.restarts += 1
            self._run(child)

    def _words(self, child: Child) -> str:
        data = (self._folder / f"{child.name}.err").read_bytes() or (
            self._folder / f"{child.name}.out"
        ).read_bytes()
        lines = data.decode(errors="replace").strip().splitlines()
        return " ".join(lines[-3:]) or "nothing"


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks process groups to end, then ends them."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
