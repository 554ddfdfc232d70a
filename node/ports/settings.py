"""The node's settings: one flat model, every value with its unit and its reason.

docs/operations.md walks through them in this order; a test compares the two.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """What an operator decides. Read from `settings.toml`, then `COMITY_NODE_*` variables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    federation: str = Field(description="the federation's name, as in the roster")
    team: str = Field(description="this team's id")
    state: str = Field(default="", description="ISO 3166-1 alpha-2 of the team's state")
    listen: str = Field(description="host:port of the peer interface")
    database: str = Field(default="", description="URL; empty means node.db in the home folder")
    telemetry: str = Field(
        default="file", description='"file" (home/telemetry), "console", "otlp:<url>" or "none"'
    )

    proof_mode: Literal["dleq", "audit"] = Field(
        default="audit", description="how answers of key holders are verified: both detect and name a liar"
    )
    daily_quota: int = Field(
        default=10_000,
        ge=1,
        description="Q: selectors a team may have evaluated per label and day, federation-wide",
    )
    epoch_quota: int = Field(
        default=200_000, ge=1, description="the same per epoch: keep it well below the smallest domain"
    )
    feed_max_age_hours: int = Field(
        default=24, ge=1, le=168, description="a peer's feed head older than this raises no hits"
    )
    pull_seconds: float = Field(default=60, gt=0, description="how often peers' feeds are pulled")
    witness_seconds: float = Field(default=60, gt=0, description="how often the log's checkpoint is cosigned")
    canary_seconds: float = Field(
        default=600, gt=0, description="how often the gate is tested with a forbidden disclosure"
    )
    release_seconds: float = Field(
        default=30, ge=0, description="between approval and release: the time in which it can be taken back"
    )
    mail_days: int = Field(
        default=28, ge=1, le=28, description="validity of statements that wait for an absent peer"
    )
    noise_cap: int = Field(default=20, ge=1, description="hits of one own selector after which it is paused")
