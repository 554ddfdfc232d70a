"""Copies of the law, so that a decision can be judged by the law it was made under, years later.

Rules of this module:
- A copy is the whole package `policy` in a folder: `FOLDER/policy`, or `FOLDER/<law version>/policy` where
  many are kept. `comity-policy keep FOLDER` makes one; so does unpacking an old release.
- A copy judges in a process of its own, with the standard library and itself alone, so no class and no cache
  of today's package takes part. It is code and is run: keep copies where only the law's maintainers write.
- Stored data are only passed on and compared, never read by today's classes.
- Facts that are `null` are left out: nobody stated them, and an older law may not know their names.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from policy.decision import FORMAT
from policy.engine import law
from policy.errors import PolicyError
from policy.parameters import HERE
from policy.replay import Replay, compared, unwrap

SECONDS = 60  # a judgement takes milliseconds; the rest is starting Python
_JUDGE = """\
import json, sys
sys.path.insert(0, sys.argv[1])
from policy.codec import proposal_from
from policy.engine import decide
json.dump(decide(proposal_from(json.load(sys.stdin))).to_dict(), sys.stdout)
"""


def keep(folder: Path) -> Path:
    """Copy today's law to `folder/<law version>/policy`; does nothing when it is there already."""
    place = folder / law().version / "policy"
    if not place.exists():
        try:
            shutil.copytree(HERE, place, ignore=shutil.ignore_patterns("__pycache__"))
        except OSError as broken:
            raise PolicyError(f"Cannot write: {broken.strerror}.", field=str(folder)) from None
    return place


def replay_under(stored: Mapping[str, Any], folder: Path) -> Replay:
    """Judge the stored decision's facts by the copy of the law that `folder` holds.

    Raises `PolicyError` when there is no such copy, or it cannot judge.
    """
    before = unwrap(stored)
    if before.get("format") != FORMAT or not isinstance(before.get("facts"), Mapping):
        raise PolicyError("This is not a stored decision.", field="format", remedy=f"Expected {FORMAT}.")
    root = locate(folder, str(before.get("law_version", "")))
    return compared(before, judge(root, before["facts"]))


def locate(folder: Path, version: str) -> Path:
    """The folder that holds the package `policy` of that version, or the only one. Raises `PolicyError`."""
    candidates = [folder / version, folder, folder.parent if folder.name == "policy" else folder]
    for place in candidates:
        if (place / "policy" / "__init__.py").is_file():
            return place.resolve()
    remedy = f"Expected {folder}/policy, or {folder}/{version or '<law version>'}/policy."
    raise PolicyError("There is no copy of the law.", code="not-found", field=str(folder), remedy=remedy)


def judge(root: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The decision of the law in `root/policy` on `facts`, as data. Raises `PolicyError` when it has none."""
    command = [sys.executable, "-I", "-S", "-B", "-c", _JUDGE, str(root)]
    try:
        run = subprocess.run(
            command,
            input=json.dumps(_stated(facts)),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        return cast(dict[str, Any], json.loads(run.stdout))
    except subprocess.CalledProcessError as failed:
        last = failed.stderr.strip().rpartition("\n")[2][:200]
        raise PolicyError(
            f"That law cannot judge these facts: {last}.", code="law", field=str(root)
        ) from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as broken:
        reason = type(broken).__name__
        raise PolicyError(f"That law gave no answer ({reason}).", code="law", field=str(root)) from None


def _stated(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _stated(part) for name, part in value.items() if part is not None}
    return [_stated(part) for part in value] if isinstance(value, list) else value
