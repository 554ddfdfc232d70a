"""What no committed file may hold: a machine's own paths, a registry's host, keys, build products."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT, committed, read

# Written in halves, so that this file passes its own test.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org"]
HOSTS += ["proxy." + "golang.org", "crates" + ".io"]
PATHS = [
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/Us" + "ers/",
    "/opt/" + "pypi",
    "/opt/" + "wheels",
    "/etc/" + "xdg/pip",
]
MACHINE = re.compile("|".join(r"(?<![\w./$}~-])" + re.escape(path) for path in PATHS))
HOST = re.compile("|".join(re.escape(host) for host in HOSTS))
MOST_BYTES = 2_000_000


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}"
        for path in committed()
        for number, line in enumerate(read(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(HOST) == []


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    assert lines_with(MACHINE) == []


def test_no_key_database_or_build_product_is_committed() -> None:
    kinds = {".pem", ".key", ".sqlite", ".sqlite3", ".db", ".pyc", ".so", ".whl", ".log"}
    assert [str(path) for path in committed() if path.suffix in kinds] == []


def test_no_committed_file_is_large() -> None:
    large = [str(path) for path in committed() if (ROOT / path).stat().st_size > MOST_BYTES]
    assert large == []


def test_text_ends_with_one_newline() -> None:
    kinds = {".py", ".md", ".proto", ".toml", ".yaml", ".json", ".sh"}
    texts = [path for path in committed() if path.suffix in kinds and "_pb2" not in path.name]
    odd = [
        str(path)
        for path in texts
        if read(path) and (not read(path).endswith("\n") or read(path).endswith("\n\n"))
    ]
    assert odd == []
