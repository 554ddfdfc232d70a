"""The errors of the protocol, by whose fault they are and what the caller can do.

Each carries a stable `code`, one sentence for a person, the `field` at fault and a `remedy`. Texts
never hold personal data: no selector, no name, no key. `comity.transport.errors` maps each kind to
one gRPC status and back, so an error survives the wire with its code, field and remedy.
"""

from __future__ import annotations


class ComityError(Exception):
    """Base of all errors that a caller may meet."""

    default_code = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.remedy = remedy

    def as_dict(self) -> dict[str, str | None]:
        """The error as data: `code`, `message`, `field`, `remedy`."""
        return {"code": self.code, "message": self.message, "field": self.field, "remedy": self.remedy}

    def __str__(self) -> str:
        where = f" [{self.field}]" if self.field else ""
        way_out = f" — {self.remedy}" if self.remedy else ""
        return f"{self.message}{where}{way_out}"


class Malformed(ComityError):
    """The input does not have the form that the protocol or the file format asks for."""

    default_code = "malformed"


class Unauthenticated(ComityError):
    """Nobody known signed this, or the signature is wrong."""

    default_code = "unauthenticated"


class Forbidden(ComityError):
    """The caller is known and may not do this."""

    default_code = "forbidden"


class NotFound(ComityError):
    """What was named does not exist here."""

    default_code = "not-found"


class Conflict(ComityError):
    """The present state does not allow this step."""

    default_code = "conflict"


class Exhausted(ComityError):
    """A quota or a limit is used up."""

    default_code = "exhausted"


class Unavailable(ComityError):
    """A peer or a store cannot be reached now; trying again later is right."""

    default_code = "unavailable"


class Expired(ComityError):
    """The statement, certificate or item is outside its time."""

    default_code = "expired"


class Corrupt(ComityError):
    """Stored or received data contradict their own proof."""

    default_code = "corrupt"
