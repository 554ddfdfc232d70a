"""2024/982 Article 19(1): faces of suspects and convicts; of victims only where national law permits."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import CRIMINAL, asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-19-faces-of-victims",
    cites="Regulation (EU) 2024/982, Article 19(1)",
    in_force=date(2024, 4, 25),
    applies={Action.PUBLISH},
)
def faces_of_victims(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A victim's face enters the index on a stated national law; a witness's or a contact's never."""
    subject = item.subject_category
    if facts.system != "faces" or subject is None or subject in CRIMINAL:
        return None
    if subject == "victim" and asked(facts).national_law is True:
        return None
    return deny(
        "prum-index", f"The face of a {subject} does not belong here.", "Enter suspects and convicts."
    )
