"""Defines Rule: when an item matters. The fields and their meaning are the public contract of rules.toml and config.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from seeds.languages import Language

Severity = Literal["alert", "digest"]


class Rule(BaseModel):
    """Every condition that is given must hold. Entities, events and feeds are checked against the rest of the seeds at load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    any: tuple[str, ...] = ()
    """At least one of these entities; its subsidiaries count unless `subsidiaries` is false."""
    all: tuple[str, ...] = ()
    """And each of these."""
    none: tuple[str, ...] = ()
    """And none of these."""
    groups: tuple[tuple[str, ...], ...] = ()
    """And at least two of these groups, where a group holds when one of its entities is mentioned ("company × Vietnam × U.S.")."""
    events: tuple[str, ...] = ()
    """And one of these event types; empty: any or none."""
    words: tuple[str, ...] = ()
    """And one of these words or phrases."""
    not_words: tuple[str, ...] = ()
    exact: StrictBool = False
    """Words count only with accents and case as written."""
    feeds: tuple[str, ...] = ()
    """Only from these feeds, by name or address; empty: all."""
    languages: tuple[Language, ...] = ()
    about: StrictBool = True
    """The entity must be what the item is about, not a passing mention."""
    subsidiaries: StrictBool = True
    severity: Severity = "alert"
    everything: StrictBool = False
    """Every item of `feeds` is a hit, without matching."""
    name: str = ""
    """How digests and messages head this rule; empty: made from the id."""
    name_vi: str = ""
    """The same in Vietnamese messages; empty: as `name`."""

    @model_validator(mode="after")
    def _can_hit(self) -> Rule:
        if self.everything and not self.feeds:
            raise ValueError("everything = true needs feeds, the addresses or names of the feeds whose items all hit")
        if not self.everything and not (self.any or self.all or self.groups or self.words or self.events):
            raise ValueError("expected at least one of any, all, groups, events, words (or everything = true with feeds)")
        return self

    @property
    def title(self) -> str:
        """A heading for people."""
        return self.name or self.id.replace("-", " ").capitalize()

    def title_in(self, lang: str) -> str:
        """The heading in that language."""
        return self.translations.get(lang) or self.title

    @property
    def translations(self) -> Mapping[str, str]:
        """Headings in other languages than English, by language."""
        return {"vi": self.name_vi} if self.name_vi else {}
