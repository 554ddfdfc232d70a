"""roster: composed from cards, signed with root keys that stay off line, combined, followed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.errors import Malformed
from node.cli import files
from node.cli.options import HERE, HomeOption, JsonOption, OutOption, group, node
from node.cli.output import Screen, reported, say
from node.cli.rosters import brokers_of, chain_of, merged, root_keys, shown

if TYPE_CHECKING:
    from comity.v1.envelope_pb2 import Envelope

app = group("roster", "Compose, sign and follow the list of teams.")


@app.command(
    epilog="Example: comity-node roster draft --federation eu-thb --threshold 2 --card nl/TEAM.card --card "
    "it/TEAM.card --card ro/TEAM.card --broker hub/hub.broker -o roster.draft"
)
def draft(
    *,
    federation: Annotated[str, typer.Option(help="Name of the federation.")],
    threshold: Annotated[int, typer.Option(help="How many key shares evaluate a selector (t).")],
    output: OutOption,
    card: Annotated[list[Path] | None, typer.Option(help="A team's card; repeat for each.")] = None,
    broker: Annotated[list[Path] | None, typer.Option(help="A broker's card; repeat for each.")] = None,
    root_threshold: Annotated[
        int | None, typer.Option(help="How many root keys sign the next version; a majority if absent.")
    ] = None,
    mode: Annotated[str, typer.Option(help="live, or exercise for invented data.")] = "live",
    previous: Annotated[
        list[Path] | None,
        typer.Option(help="The signed rosters before this one, version 1 first. Their members carry over."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="A team of the previous roster that leaves.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compose a roster from cards. Compare every fingerprint shown with a person of that team, by voice."""
    with reported(as_json):
        from comity.card import fingerprint_of, open_card
        from comity.roster import build_roster
        from comity.roster_form import is_elector

        now = datetime.now(UTC)
        chain = chain_of(previous or [])
        opened = [files.read_envelope(path, "card") for path in card or []]
        given = [open_card(each, federation, now) for each in opened]
        prints = [fingerprint_of(each) for each in opened]
        cards = merged(given, chain, set(without or ()))
        electors = sorted(each.team for each in cards if is_elector(each.member_class))
        if not electors:
            raise Malformed("A roster has at least one voting member.", field="card")
        made = build_roster(
            cards,
            brokers_of(broker or [], chain),
            federation=federation,
            root_threshold=root_threshold or len(electors) // 2 + 1,
            share_threshold=threshold,
            composer=electors[0],
            issued_at=now,
            chance=secrets.token_bytes,
            previous=chain,
            mode=mode,
        )
        files.write_new(output, made.SerializeToString(deterministic=True))
        result = {
            "file": str(output),
            "fingerprint": fingerprint_of(made),
            "cards": {each.team: print_ for each, print_ in zip(given, prints, strict=True)},
            **shown(made),
        }
        say(result, as_json, title="Draft written. It is signed with: comity-node roster sign")


@app.command(
    epilog="Example: comity-node roster sign roster.draft --root-key /media/safe/root.key -o nl.roster"
)
def sign(
    file: Annotated[Path, typer.Argument(help="The roster, signed by others or not.")],
    root_key: Annotated[Path, typer.Option(help="The team's root key.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A new file; in place if absent.")
    ] = None,
    leaving: Annotated[
        bool, typer.Option("--leaving", help="The key is of a team that this roster no longer lists.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add this team's root signature. Signing twice changes nothing. Read `roster show FILE` before."""
    with reported(as_json):
        from comity.roster import sign_roster

        envelope = files.read_envelope(file, "roster")
        signer = files.read_secret(root_key, "root-key")
        if signer.key_id not in root_keys(envelope) and not leaving:
            raise Malformed(
                "No voting member of this roster has that root key.",
                code="foreign-key",
                field="root-key",
                remedy="give --leaving when the team is in the previous roster and not in this one",
            )
        _write(sign_roster(envelope, signer), file if output is None else output, in_place=output is None)
        path = output or file
        say({"file": str(path), **shown(files.read_envelope(path, "roster"))}, as_json, title="Signed.")


@app.command(epilog="Example: comity-node roster combine nl.roster it.roster ro.roster -o eu-thb.roster")
def combine(
    rosters: Annotated[list[Path], typer.Argument(help="Copies of one roster with different signatures.")],
    output: OutOption,
    as_json: JsonOption = False,
) -> None:
    """Gather the signatures of several copies in one file."""
    with reported(as_json):
        first, *others = [files.read_envelope(path, "roster") for path in rosters]
        for other in others:
            if (other.header, other.payload) != (first.header, first.payload):
                raise Malformed("These files are not copies of one roster.", field="rosters")
            known = {each.key_id for each in first.signatures}
            first.signatures.extend(each for each in other.signatures if each.key_id not in known)
        files.write_new(output, first.SerializeToString(deterministic=True))
        say({"file": str(output), **shown(first)}, as_json, title="Combined.")


@app.command(epilog="Example: comity-node roster show roster.draft")
def show(
    file: Annotated[Path | None, typer.Argument(help="A roster file; the node's own if absent.")] = None,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show a roster: its fingerprint, members, thresholds, and who signed."""
    with reported(as_json):
        found = shown(files.read_envelope(file, "roster")) if file else node(home).call("roster.show")
        if as_json:
            say(found, as_json)
            return
        screen = Screen()
        lists = {name: found.pop(name) for name in ("members", "brokers")}
        screen.heading(f"Roster of {found['federation']}, version {found['version']}")
        screen.pairs(found)
        for name, rows in lists.items():
            if rows:
                screen.heading(name.capitalize())
                screen.table(rows)


@app.command(epilog="Example: comity-node roster follow eu-thb-2.roster --home nl")
def follow(
    file: Annotated[Path, typer.Argument(help="The next version, signed.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take the next version of the roster, at the running node or while it is stopped."""
    with reported(as_json):
        from node.cli.commands.home import follow_roster

        found = follow_roster(home, file)
        found["members"] = [each["team"] for each in found["members"]]
        found["brokers"] = [each["broker"] for each in found["brokers"]]
        say(found, as_json, title="Roster accepted.")


def _write(envelope: Envelope, path: Path, *, in_place: bool) -> None:
    data = envelope.SerializeToString(deterministic=True)
    if in_place:
        files.replace(path, data)
    else:
        files.write_new(path, data)
