"""The demonstration as a whole: its story is compared with the files, which no node can read together."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from node.cli.demo.story import Story, read_story
from node.flow.intake import SelectorLine, read_case_file

pytestmark = pytest.mark.system

EXAMPLES = Path(__file__).parents[2] / "examples"
COMITY = [sys.executable, "-c", "from node.cli.comity import main; main()"]
NODE = [sys.executable, "-c", "from node.cli.node import main; main()"]
MOST_SECONDS = 240  # of one performance on a machine that does other things too
PROCESSES = ("hub", "nl", "it", "ro")


class Performance(NamedTuple):
    """One performance: what it reported, what it said, and what it left."""

    report: dict[str, Any]
    said: str
    folder: Path


class Held(NamedTuple):
    """A selector as a team's file holds it."""

    team: str
    file: str
    line: SelectorLine
    form: str


def play(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMITY, "demo", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    folder = tmp_path_factory.mktemp("demo") / "kept"
    ended = play("--json", "--keep", folder)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return Performance(json.loads(ended.stdout), ended.stdout + ended.stderr, folder)


def holdings(folder: Path) -> Iterator[Held]:
    now = datetime.now(UTC)
    for team in read_story(folder).teams:
        for file in team.files:
            data = (folder / file).read_bytes()
            for line in read_case_file(file, data, now=now, team_state=team.state).records:
                for form in line.normal_forms:
                    yield Held(team.id, file, line, form)


def overlaps(folder: Path, withheld: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    """Pairs of teams that hold the same selector and may tell each other, by comparing all files in clear."""
    kept_back = {(each["team"], each["audience"], each["file"], each["line"]) for each in withheld}
    told: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    teams = [team.id for team in read_story(folder).teams]
    for held in holdings(folder):
        for audience in teams:
            if (held.team, audience, held.file, str(held.line.line)) not in kept_back:
                told[held.line.kind, held.form].add((held.team, audience))
    return Counter(
        (one, other, kind)
        for (kind, _), pairs in told.items()
        for one, other in combinations(sorted(teams), 2)
        if {(one, other), (other, one)} <= pairs
    )


def hits_of(report: dict[str, Any]) -> Counter[tuple[str, str, str]]:
    return Counter((*hit["teams"], hit["kind"]) for hit in report["hits"])


def test_the_hits_are_the_overlaps_of_the_files_and_nothing_else(performance: Performance) -> None:
    found = hits_of(performance.report)
    assert found == overlaps(EXAMPLES, performance.report["withheld"])
    assert found["nl", "ro", "phone"] == 2
    ids = [hit["hit"] for hit in performance.report["hits"]]
    assert len(set(ids)) == len(ids) == sum(found.values())


def test_what_must_not_leave_is_withheld_from_everybody_with_the_article(performance: Performance) -> None:
    withheld = performance.report["withheld"]
    assert all(each["article"] and each["reason"] and each["way_out"] for each in withheld)
    places = Counter((each["team"], each["file"], each["line"]) for each in withheld)
    for held in holdings(EXAMPLES):
        line = held.line
        late = line.expiry is not None and line.expiry < datetime.now(UTC).date()
        if line.safe_house or line.child == "yes" or late or line.case_reference is None:
            assert places[held.team, held.file, str(line.line)] == 2


def test_every_node_holds_one_share_a_kind_of_the_same_keys(performance: Performance) -> None:
    keys = [nation["keys"] for nation in performance.report["nations"]]
    assert len({each["transcript"] for each in keys}) == 1
    assert all(each["own_shares"] == len(each["kinds"]) for each in keys)
    assert all(each["threshold"] == 2 and len(each["holders"]) == 3 for each in keys)


def test_broken_lines_cost_themselves_and_a_second_reading_changes_nothing(performance: Performance) -> None:
    imports = performance.report["imports"]
    assert imports[0]["again"] == {"new": 0, "changed": 0}
    dropped = Counter(
        each["file"] for each in imports for problem in each["problems"] if problem["dropped"] == "line"
    )
    assert dropped["it/fields.csv"] == 2
    assert all(problem["remedy"] for each in imports for problem in each["problems"])


def test_each_request_takes_the_road_that_the_law_gives_it(performance: Performance) -> None:
    requests = {each["id"]: each for each in performance.report["requests"]}
    routes = Counter(each["route"] for each in performance.report["disclosures"])
    assert requests["moved-tonight"]["route"] == "comity"
    assert requests["the-minibus"]["route"] == "siena"
    assert routes["comity"] == 1
    assert requests["moved-tonight"]["received"]
    assert all(item["conditions"]["purpose"] == "thb" for item in requests["moved-tonight"]["received"])
    assert requests["too-short"]["state"] == "refused-by-own-law"
    missing = {name.rpartition(".")[2] for name in requests["too-short"]["missing"]}
    assert missing == {"facts", "link"}


def test_a_partial_refusal_names_grounds_and_ways_out(performance: Performance) -> None:
    (urgent,) = [each for each in performance.report["requests"] if each["id"] == "moved-tonight"]
    assert all(each["ground"] and each["way_out"] for each in urgent["refused"])
    assert "4(c)" in {each["category"] for each in urgent["refused"]}
    assert "4(c)" not in {each["category"] for each in urgent["received"]}


def test_who_proposes_does_not_approve_and_every_disclosure_is_receipted(performance: Performance) -> None:
    for each in performance.report["disclosures"]:
        assert each["receipt"]
        assert each["approved_by"]
        assert not any(name.startswith(f"{each['proposer']} ") for name in each["approved_by"])


def test_the_channel_reads_the_same_at_every_member(performance: Performance) -> None:
    (channel,) = performance.report["channels"]
    assert channel["members"] == ["it", "nl", "ro"]
    assert len(set(channel["events"].values())) == 1
    assert len(set(channel["case"].values())) == 1
    assert [task["state"] for task in channel["tasks"]] == ["Done"]
    assert channel["messages"] == 2
    assert channel["caught_up"] > 0


def test_the_logs_hold_and_a_changed_byte_is_found(performance: Performance) -> None:
    log = performance.report["log"]
    assert all(each["ok"] and len(each["witnesses"]) == 3 for each in log["nodes"].values())
    assert all(each["ok"] for each in log["bundles"])
    assert {each["request"] for each in log["bundles"]} == {
        each["request"] for each in performance.report["disclosures"]
    }
    assert log["tampered"]["found"]


def test_it_takes_less_than_a_minute(performance: Performance) -> None:
    assert performance.report["seconds"] < 60


def test_no_selector_is_in_any_span_metric_log_line_or_output(performance: Performance) -> None:
    secrets = {text for held in holdings(EXAMPLES) for text in (held.form, held.line.display)}
    written = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for pattern in ("*/telemetry/*", "run/*")
        for path in performance.folder.glob(pattern)
    }
    names = {path.relative_to(performance.folder).as_posix() for path in written}
    assert {f"{name}/telemetry/log.jsonl" for name in PROCESSES} <= names
    assert {f"{name}/telemetry/traces.jsonl" for name in PROCESSES} <= names
    assert all(written[performance.folder / name / "telemetry/traces.jsonl"] for name in PROCESSES)
    everything = [*written.values(), performance.said]
    assert not [secret for secret in secrets if any(secret in text for text in everything)]


def test_officers_keys_are_in_no_nodes_home(performance: Performance) -> None:
    seeds = [
        path.read_text().split("\n\n")[1].split("\n")[0]
        for path in performance.folder.glob("officers/*/*.key")
    ]
    assert len(seeds) == len({*seeds}) == 16
    homes = [path for name in PROCESSES for path in (performance.folder / name).rglob("*") if path.is_file()]
    assert not [path for path in homes if any(seed.encode() in path.read_bytes() for seed in seeds)]


def test_what_was_kept_goes_on_working_with_the_ordinary_commands(performance: Performance) -> None:
    home = performance.folder / "nl"
    serving = subprocess.Popen([*NODE, "serve", "--home", str(home)], stdout=subprocess.PIPE, text=True)
    try:
        assert serving.stdout is not None
        assert "ready" in serving.stdout.readline()
        command = [*NODE, "hits", "--home", str(home), "--json"]
        listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    finally:
        serving.terminate()
        serving.wait(20)
    known = {hit["hit"] for hit in performance.report["hits"] if "nl" in hit["teams"]}
    assert {hit["hit"] for hit in listed} == known
    assert "comity-node" in (performance.folder / "README.md").read_text()


TWO = """
[[team]]
id = "one"
state = "NL"
name = "One team"
files = ["one/phones.csv"]
[[team.officer]]
id = "one-lo-1"
roles = ["R-LO"]
[[team.officer]]
id = "one-co-1"
roles = ["R-CO"]

[channel]
title = "Two of us"
opened_by = "one"
members = ["one", "it"]
kind = "iban"
messages = [{ team = "one", officer = "one-lo-1", text = "Shall we talk?" }]
tasks = [{ team = "one", officer = "one-lo-1", assignee = "it", title = "Ask the bank" }]
"""
HEAD = """#case: X-2026-1
#legal basis: art. 1
#offence: thb
#exploitation: SEX
#officer: any
#child: no
#special: no
#assessment: no
#handling: H0
#source: own
#defect: no
#exposes: no
kind,value,subject,evaluation,expiry
"""


def write_two(folder: Path, shared: int) -> Path:
    """Two nations: one named in the script, one a mere folder; they share `shared` phones and an account."""
    for team, private in (("one", "+4072212355"), ("it", "+4072212366")):
        (folder / team).mkdir(parents=True)
        lines = [f"phone,+4072212344{number},suspect,A1,2029-12-31" for number in range(shared)]
        lines += [f"phone,{private}{number},suspect,A1,2029-12-31" for number in range(3)]
        lines += ["iban,RO49AAAA1B31007593840000,suspect,A1,2029-12-31"]
        (folder / team / "phones.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "story.toml").write_text(TWO, encoding="utf-8")
    return folder


def test_two_nations_of_other_files_find_what_those_files_share(tmp_path: Path) -> None:
    folder = write_two(tmp_path / "examples", shared=3)
    assert overlaps(folder, []) == {("it", "one", "phone"): 3, ("it", "one", "iban"): 1}
    ended = play("--examples", folder)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert re.search(r"^it \+ one +phone +3 ", ended.stdout, re.MULTILINE)
    assert re.search(r"^it \+ one +iban +1 ", ended.stdout, re.MULTILINE)
    assert "No third nation has this hit" in ended.stdout
    assert "The story has no requests" in ended.stdout
    assert not [held.form for held in holdings(folder) if held.form in ended.stdout]


def test_a_folder_that_makes_no_federation_is_refused_in_words(tmp_path: Path) -> None:
    ended = play("--examples", tmp_path)
    assert ended.returncode == 2
    assert "2 to 9 nations" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_that_is_not_empty_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep me", encoding="utf-8")
    ended = play("--keep", tmp_path, "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["error"]["code"] == "not-empty"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def pids(folder: Path) -> dict[str, int]:
    found = {}
    for path in (folder / "run").glob("*.pid"):
        text = path.read_text().strip()
        if text:
            found[path.stem] = int(text)
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_demonstration_that_is_ended_leaves_no_process(tmp_path: Path) -> None:
    command = [*COMITY, "demo", "--keep", str(tmp_path / "kept")]
    playing = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    started = wait_for_all(playing, tmp_path / "kept")
    playing.send_signal(signal.SIGTERM)
    _, errors = playing.communicate(timeout=30)
    assert playing.returncode == 1
    assert "Traceback" not in errors
    assert not [pid for pid in started.values() if alive(pid)]


def wait_for_all(playing: subprocess.Popen[str], folder: Path) -> dict[str, int]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and playing.poll() is None:
        if len(found := pids(folder)) == len(PROCESSES):
            return found
        time.sleep(0.05)
    raise AssertionError("the processes of the demonstration did not start")


def play_and_kill(
    folder: Path, chance: random.Random, kills: int, longest: float
) -> tuple[dict[str, Any], int]:
    """Plays while processes are killed at random moments; returns the report and how many were."""
    command = [*COMITY, "demo", "--json", "--keep", str(folder)]
    playing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_all(playing, folder)
    killed = 0
    try:
        while killed < kills and playing.poll() is None:
            time.sleep(chance.uniform(0.4, longest))
            victim = chance.choice(PROCESSES)
            pid = pids(folder).get(victim)
            if pid is not None and playing.poll() is None and alive(pid):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        said, errors = playing.communicate(timeout=MOST_SECONDS)
    finally:
        if playing.poll() is None:
            playing.terminate()
    assert playing.returncode == 0, said[-2000:] + errors[-2000:]
    return json.loads(said), killed


def normal(value: Any) -> Any:
    """A report without what is drawn afresh each time, or counted anew after a crash."""
    if isinstance(value, dict):
        left_out = {"seconds", "records", "root", "not_after", "siena_reference"}
        return {name: normal(each) for name, each in value.items() if name not in left_out}
    if isinstance(value, list):
        return sorted((normal(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32,}", value):
        return "…"
    return value


def lines(report: dict[str, Any]) -> list[str]:
    """The story line by line, so that a difference is shown where it is."""
    return json.dumps(normal(report), indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def test_the_story_survives_processes_that_are_killed(performance: Performance, tmp_path: Path) -> None:
    report, killed = play_and_kill(tmp_path / "kept", random.Random(977), kills=3, longest=5.0)
    assert killed == 3
    assert lines(report) == lines(performance.report)


@pytest.mark.soak
def test_the_story_survives_twenty_kills(performance: Performance, tmp_path: Path) -> None:
    chance, killed, number = random.Random(2023), 0, 0
    while killed < 20:
        report, more = play_and_kill(tmp_path / f"kept-{number}", chance, kills=20 - killed, longest=2.0)
        killed, number = killed + more, number + 1
        assert lines(report) == lines(performance.report)


def test_the_story_of_the_examples_is_read_whole() -> None:
    story: Story = read_story(EXAMPLES)
    assert [team.id for team in story.teams] == ["nl", "it", "ro"]
    assert len(story.inquiries) == 4
    assert story.channel is not None
