"""The systems of Regulation (EU) 2024/982, by the words of `Proposal.system`. No rule is declared here."""

from __future__ import annotations

from policy.facts import Proposal, Search
from policy.law._words import instrument

BIOMETRIC = frozenset({"dna", "fingerprints", "faces"})
PRUM = BIOMETRIC | {"police-records", "vehicles"}
CRIMINAL = frozenset({"suspect", "convicted"})


def core_data(facts: Proposal) -> bool:
    """Whether core data behind a biometric match are asked for."""
    return facts.system in BIOMETRIC and instrument(facts) == "prum2"


def asked(facts: Proposal) -> Search:
    """What is stated about the search; nothing, where nobody stated anything."""
    return facts.search or Search()
