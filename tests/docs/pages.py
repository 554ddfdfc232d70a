"""Pages of docs/protocol and the figures on them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"(?:^ {4}[0-9a-f]+\n)+", re.MULTILINE)


def page(name: str) -> str:
    """A document below docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def block(octets: bytes) -> str:
    """Bytes as a page shows them: 64 hexadecimal digits a line, indented."""
    text = octets.hex()
    return "".join(f"    {text[start : start + 64]}\n" for start in range(0, len(text), 64))


def blocks(text: str) -> list[str]:
    """All figures of a page, in order."""
    return _BLOCK.findall(text)
