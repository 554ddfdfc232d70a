"""A federation of three nations for each scenario that asks for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator import Federation


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """The Netherlands, Italy and Romania, with keys and nothing else."""
    return Federation(tmp_path)
