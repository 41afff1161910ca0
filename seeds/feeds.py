"""Defines Feed: an address that is polled, with its configuration."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

from seeds.languages import Language

_SCHEMES = ("http", "https", "file")


def address_identity(url: str) -> str:
    """Returns the form by which two addresses are the same feed: without differences in http(s), case of the host, fragment, last slash."""
    parts = urlsplit(url.strip())
    scheme = "https" if parts.scheme == "http" else parts.scheme
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


class Feed(BaseModel):
    """One address. `kind` selects the watcher that polls it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1)
    name: str = ""
    kind: Literal["feed", "sitemap", "gdelt", "page"] = "feed"
    lang: Language | Literal[""] = ""
    timezone: str = "UTC"
    """The IANA time zone of dates without a zone."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that are applied to its items; empty: all."""
    select: str = ""
    """For kind "page": the CSS selector of the links that are items."""
    off: StrictBool = False
    """Not polled. Switches off a packaged feed without losing its items and state."""
    topic: str = ""
    """A label for users: "newsroom", "technology", "business" …"""

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
        except ValueError:
            raise ValueError(f'expected an address like "https://example.com/feed.xml", found {value!r}') from None
        if parts.scheme not in _SCHEMES or (parts.scheme != "file" and not parts.hostname) or any(map(str.isspace, value)):
            raise ValueError(f'expected an address like "https://example.com/feed.xml", found {value!r}')
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)  # much faster than `available_timezones()`, which reads the complete database
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'unknown time zone {value!r}; expected a name like "Asia/Ho_Chi_Minh" or "UTC"') from None
        return value

    @model_validator(mode="after")
    def _page_needs_links(self) -> Feed:
        if self.kind == "page" and not self.select:
            raise ValueError('kind "page" needs select, a CSS selector of the links that are items, like "article h2 a"')
        return self

    @property
    def title(self) -> str:
        """The name for users: `name`, or the address."""
        return self.name or self.url
