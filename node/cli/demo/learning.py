"""Steps 1 to 5: keys without a dealer, intake, pseudonyms, the gate and the feeds, hits."""

from __future__ import annotations

import base64
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from comity.errors import Conflict, Unavailable
from node.cli.demo.nation import Nation
from node.cli.demo.stage import Stage
from node.cli.demo.waiting import StepFailed

EVERYTHING = 1_000_000  # more records than a demonstration's log has


def make_keys(stage: Stage) -> None:
    """One node proposes; all deal, check and confirm; nobody ever holds a whole key."""
    stage.tell.step("Keys without a dealer")
    views = stage.until(lambda: _epoch_of_all(stage), "every node holds the keys of epoch 1")
    shared = ("epoch", "threshold", "holders", "kinds", "transcript")
    sets = {team: {name: view[name] for name in shared} for team, view in views.items()}
    if len({str(each) for each in sets.values()}) != 1:
        raise StepFailed("The nodes do not hold the same public key set.", field="keys")
    stage.tell.table(
        [
            {
                "node": team,
                "epoch": view["epoch"],
                "own shares": f"{view['own_shares']} (one a kind)",
                "needed for an answer": f"{view['threshold']} of {len(view['holders'])}",
                "public key set": view["transcript"][:16] + "…",
            }
            for team, view in views.items()
        ]
    )
    stage.tell.say("All nodes hold the same public keys. Each holds one share of each; no one holds a key.")
    for nation in stage.nations:
        stage.report.nations.append(_nation(nation, views[nation.id]))


def _epoch_of_all(stage: Stage) -> dict[str, dict[str, Any]] | None:
    first, *_ = stage.nations
    views = {nation.id: nation.once("keys.show") for nation in stage.nations}
    if all(view["epochs"] for view in views.values()):
        return {team: view["epochs"][0] for team, view in views.items()}
    ceremony = views[first.id]["ceremony"]
    if not views[first.id]["epochs"] and (ceremony is None or ceremony["state"] == "failed"):
        try:
            first.once("keys.generate")
        except (Conflict, Unavailable):
            return None  # it runs already, or the node is away: look again
    return None


def _nation(nation: Nation, keys: dict[str, Any]) -> dict[str, Any]:
    return {
        "team": nation.id,
        "state": nation.team.state,
        "name": nation.team.name,
        "officers": [{"id": each.id, "roles": each.roles} for each in nation.team.officers],
        "keys": keys,
    }


def import_files(stage: Stage, folder: Path) -> None:
    """Each nation reads its own case files; broken lines cost themselves."""
    stage.tell.step("Intake: each nation reads its own case files")
    rows = []
    for nation in stage.nations:
        for name in nation.team.files:
            found = _import(nation, folder, name)
            stage.report.imports.append(found)
            shown = ("team", "file", "encoding", "lines", "kept")
            left_out = sum(problem["dropped"] == "line" for problem in found["problems"])
            rows.append({**{name: found[name] for name in shown}, "left out": left_out})
    stage.tell.table(rows)
    dropped = [
        {**problem, "place": f"{file['file']}, line {problem['line']}"}
        for file in stage.report.imports
        for problem in file["problems"]
        if problem["dropped"] != "nothing"
    ]
    if dropped:
        stage.tell.say("What could not be read, by the place in the file:")
        columns = ("place", "field", "message", "remedy")
        stage.tell.table([{name: problem[name] for name in columns} for problem in dropped])
    _import_again(stage, folder)


def _import(nation: Nation, folder: Path, name: str) -> dict[str, Any]:
    data = base64.b64encode((folder / name).read_bytes()).decode()
    found = nation.ask("import", name=name, data=data)
    return {
        "team": nation.id,
        "file": name,
        "encoding": found["encoding"],
        "lines": found["lines"],
        "kept": sum(found["selectors"].values()),
        "cases": found["cases"],
        "problems": [
            {each: problem[each] for each in ("line", "field", "code", "message", "remedy", "dropped")}
            for problem in found["problems"]
        ],
    }


def _import_again(stage: Stage, folder: Path) -> None:
    nation = stage.nations[0]
    name = nation.team.files[0]
    data = base64.b64encode((folder / name).read_bytes()).decode()
    again = nation.ask("import", name=name, data=data)["selectors"]
    if again["new"] or again["changed"]:
        raise StepFailed(f"Reading {name} a second time changed something.", field=nation.id)
    stage.report.imports[0]["again"] = {name: again[name] for name in ("new", "changed")}
    stage.tell.say(f"{name} read a second time: nothing new, nothing changed.")


def publish(stage: Stage) -> None:
    """Pseudonyms with the help of another nation, then the gate, then the feeds."""
    stage.tell.step("Pseudonyms, the gate, and what is published to whom")
    with ThreadPoolExecutor(2) as pool:
        found = dict(
            zip(stage.nations, pool.map(lambda each: _publish(stage, each), stage.nations), strict=True)
        )
    for nation, result in found.items():
        _report_feeds(stage, nation, result)
    _tell_pseudonyms(stage)
    stage.tell.table(stage.report.published)
    stage.tell.say("Withheld by the gate, with the article (one line for each selector):")
    stage.tell.table(_withheld_once(stage))


def _publish(stage: Stage, nation: Nation) -> dict[str, Any]:
    def complete() -> dict[str, Any] | None:
        result: dict[str, Any] = nation.ask("publish")
        return None if result.get("stopped") else result

    result: dict[str, Any] = stage.until(complete, "all pseudonyms are made", node=nation.id)
    return result


def _report_feeds(stage: Stage, nation: Nation, result: dict[str, Any]) -> None:
    for audience, feed in sorted(result["feeds"].items()):
        stage.report.published.append(
            {
                "from": nation.id,
                "to": audience,
                "published": feed["published"],
                "withheld": len(feed["withheld"]),
            }
        )
        for each in feed["withheld"]:
            stage.report.withheld.append(
                {
                    "team": nation.id,
                    "audience": audience,
                    "kind": each["kind"],
                    "file": each["file"],
                    "line": each["source"],
                    "article": each["article"],
                    "reason": each["reason"],
                    "way_out": each["way_out"],
                }
            )


def _withheld_once(stage: Stage) -> list[dict[str, Any]]:
    audiences: dict[tuple[str, ...], list[str]] = {}
    for each in stage.report.withheld:
        place = f"{each['file']}, line {each['line']}"
        audiences.setdefault((place, each["kind"], each["reason"], each["article"]), []).append(
            each["audience"]
        )
    return [
        {"place": place, "kind": kind, "from": ", ".join(teams), "reason": reason, "article": article}
        for (place, kind, reason, article), teams in audiences.items()
    ]


def _tell_pseudonyms(stage: Stage) -> None:
    """What the askers have, and that the answerers logged who asked for what."""
    asked: dict[str, set[str]] = {nation.id: set() for nation in stage.nations}
    answered_by: dict[str, set[str]] = {nation.id: set() for nation in stage.nations}
    for nation in stage.nations:
        for record in nation.ask("log.list", last=EVERYTHING):
            if record["subject"].startswith("batch:") and record["member"] in asked:
                asked[record["member"]].add(record.get("query_type", ""))
                answered_by[record["member"]].add(nation.id)
    for place, nation in enumerate(stage.nations):
        done = nation.ask("status")["pseudonyms"]
        stage.report.nations[place]["pseudonyms"] = {
            **done,
            "kinds_logged_by_answerers": sorted(asked[nation.id]),
        }
        stage.tell.say(
            f"{nation.id}: {done['done']} selectors pseudonymised, every batch verified; "
            f"{', '.join(sorted(answered_by[nation.id]))} answered, counted it and logged the claim "
            f"({len(asked[nation.id])} kinds)."
        )


def match(stage: Stage) -> None:
    """Every node pulls; each hit appears on both sides under one id, once."""
    stage.tell.step("Hits: both sides learn that they hold the same selector, and nothing more")
    hits = stage.until(lambda: _agreed(stage), "both sides of every pair know the same hits")
    sides: dict[tuple[str, str], dict[str, str]] = {}
    for team, known in hits.items():
        for hit in known:
            sides.setdefault((hit["kind"], hit["hit"]), {})[team] = hit["crime_area"]
    for (kind, name), areas in sorted(sides.items()):
        shown = {
            "hit": name,
            "kind": kind,
            "teams": sorted(areas),
            "crime_areas": sorted(set(areas.values())),
        }
        stage.report.hits.append(shown)
    _check_once(stage, hits)
    pairs = Counter((" + ".join(hit["teams"]), hit["kind"]) for hit in stage.report.hits)
    stage.tell.table(
        [
            {"pair": pair, "kind": kind, "hits": count, "same id on both sides": "yes"}
            for (pair, kind), count in sorted(pairs.items())
        ]
    )
    if not stage.report.hits:
        stage.tell.say("No selector is held by two nations: there is nothing to find in these files.")
        return
    stage.tell.say(f"{len(stage.report.hits)} hits, each once on both sides. Nobody was shown a selector.")


def _check_once(stage: Stage, hits: dict[str, list[dict[str, Any]]]) -> None:
    """Each hit was combined with each own record exactly once: the log of both sides says so."""
    for nation in stage.nations:
        logged = Counter(
            record["subject"]
            for record in nation.ask("log.list", last=EVERYTHING)
            if record["operation"] == "combination"
        )
        if logged != Counter({f"hit:{hit['hit']}": len(hit["records"]) for hit in hits[nation.id]}):
            raise StepFailed("A hit was raised twice, or without being logged.", field=nation.id)


def _agreed(stage: Stage) -> dict[str, list[dict[str, Any]]] | None:
    """All hits, once every feed is read, every notice is delivered and both sides of each pair agree."""
    for nation in stage.nations:
        if any("error" in pulled for pulled in nation.ask("pull").values()):
            return None
    for nation in stage.nations:
        if nation.ask("status")["outbox"]["queued"]:
            return None
    hits: dict[str, list[dict[str, Any]]] = {nation.id: nation.ask("hits") for nation in stage.nations}
    sides = Counter(hit["hit"] for known in hits.values() for hit in known)
    return hits if all(count == 2 for count in sides.values()) else None
