"""Defines Feed: an address that is polled, and what a person knows about it."""

from __future__ import annotations

from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Feed(BaseModel):
    """One address. `kind` says which watcher looks at it; all give items by the same protocol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1)
    name: str = ""
    kind: Literal["feed", "sitemap", "gdelt", "page"] = "feed"
    lang: Literal["en", "vi", ""] = ""
    timezone: str = "UTC"
    """For dates that name no zone."""
    rules: tuple[str, ...] = ()
    """Ids of the rules its items are held against; empty: all."""
    select: str = ""
    """For kind "page": the CSS selector of the links that are items."""
    topic: str = ""
    """For people: "newsroom", "technology", "business" …"""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f'unknown time zone {value!r}; expected a name like "Asia/Ho_Chi_Minh" or "UTC"')
        return value

    @property
    def title(self) -> str:
        """The name shown to people: its own, or the address."""
        return self.name or self.url
