"""The broker's settings, in the order in which an operator meets them.

They come from `<home>/settings.toml`; an environment variable `COMITY_BROKER_…` wins over the file.
An unknown name is refused: a misspelt limit must not be a limit that is silently absent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from broker.service.mailbox import Quotas
from comity.errors import ComityError, Malformed

FILE = "settings.toml"
MIB = 1_048_576
_TEAM = r"^[a-z][a-z0-9-]{1,31}$"
_FEDERATION = r"^[a-z][a-z0-9.-]{1,62}$"


class Settings(BaseSettings):
    """All settings with their units and defaults."""

    model_config = SettingsConfigDict(
        env_prefix="COMITY_BROKER_", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    broker: str = Field(pattern=_TEAM, description="id of this broker, fixed once in a roster")
    federation: str = Field(pattern=_FEDERATION, description="name of the federation, as in its roster")
    name: str = Field(default="", max_length=200, description="how people call it")
    address: str = Field(description="host:port under which nodes reach it; goes into the card")
    listen: str = Field(default="", description="host:port to listen on; empty: all interfaces, that port")
    database: str = Field(default="", description="SQLAlchemy address; empty: broker.sqlite in the home")
    telemetry: str = Field(default="none", description="none, console, file:<folder> or otlp:<address>")
    threads: int = Field(default=64, ge=8, le=1_024, description="calls at once; each waiting Fetch is one")
    keep_days: int = Field(default=28, ge=1, le=28, description="days after which unfetched mail is erased")
    sweep_seconds: int = Field(default=600, ge=1, le=86_400, description="how often that is looked at")
    certificate_days: int = Field(default=7, ge=1, le=30, description="life of the broker's own certificate")
    sender_mails: int = Field(default=5_000, ge=1, description="mails of one sender that may wait")
    sender_mib: int = Field(default=256, ge=1, description="MiB of one sender that may wait")
    recipient_mails: int = Field(default=20_000, ge=1, description="mails that may wait for one addressee")
    recipient_mib: int = Field(default=1_024, ge=1, description="MiB that may wait for one addressee")

    @property
    def quotas(self) -> Quotas:
        """The limits of waiting mail."""
        return Quotas(
            self.sender_mails, self.sender_mib * MIB, self.recipient_mails, self.recipient_mib * MIB
        )

    @property
    def listen_on(self) -> str:
        """host:port to listen on."""
        return self.listen or "[::]:" + self.address.rpartition(":")[2]

    def database_url(self, home: Path) -> str:
        """The database's address, with its default inside the home."""
        return self.database or f"sqlite:///{home / 'broker.sqlite'}"


def load(home: Path) -> Settings:
    """The settings of a home.

    Raises:
        Malformed: no home, no TOML, an unknown name, or a value outside its limits; all faults in one.
    """
    path = home / FILE
    if not path.is_file():
        raise Malformed(
            "This folder is not a broker's home.",
            code="no-home",
            field="home",
            remedy="Create one with `comity-broker init --home DIR …`.",
        )
    return _checked(_reading(path))


def write(home: Path, values: dict[str, Any]) -> None:
    """Writes a new settings file; values that are empty are left to their defaults."""
    lines = [
        "# Settings of this broker. docs/operations.md explains each; `comity-broker status` shows the state."
    ]
    lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value not in {"", None}]
    (home / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _reading(path: Path) -> type[Settings]:
    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)

    return FromFile


def _checked(kind: type[Settings]) -> Settings:
    try:
        return kind()
    except ValidationError as error:
        raise _worded(error) from None
    except ValueError:  # what the TOML reader raises
        raise Malformed(
            f"{FILE} is not TOML.", field=FILE, remedy='Each line is `name = value`; texts are in "quotes".'
        ) from None


def _worded(error: ValidationError) -> ComityError:
    faults = [(".".join(str(part) for part in each["loc"]), each["msg"]) for each in error.errors()]
    text = "; ".join(f"{name}: {message}" for name, message in faults)
    return Malformed(
        f"The settings cannot be used: {text}.", field=faults[0][0], remedy=f"Correct {FILE} and try again."
    )
