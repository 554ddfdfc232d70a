"""The one error of the policy package: what is wrong, in which field, and what to do about it.

`decide` itself never raises on a rule that fails: it denies. Only input that is not a proposal at all
(an unknown field, a word outside its vocabulary) is an error.
"""

from __future__ import annotations


class PolicyError(Exception):
    """Input or law files that cannot be read. Carries no personal data."""

    def __init__(
        self, message: str, *, code: str = "malformed", field: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.remedy = remedy

    def as_dict(self) -> dict[str, str | None]:
        """The error as data: `code`, `message`, `field`, `remedy`."""
        return {"code": self.code, "message": self.message, "field": self.field, "remedy": self.remedy}

    def __str__(self) -> str:
        where = f" [{self.field}]" if self.field else ""
        way_out = f" ({self.remedy})" if self.remedy else ""
        return f"{self.message}{where}{way_out}"
