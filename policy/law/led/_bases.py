"""The bases of LED Article 10 that carry a release. Publication by somebody else is not one."""

BASES = frozenset({"law", "vital_interests", "made_public_by_subject"})
