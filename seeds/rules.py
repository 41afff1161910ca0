"""Defines Rule: the conditions under which an item is a hit. Its fields are the public format of rules.toml and config.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from seeds.languages import Language

Severity = Literal["alert", "digest"]


class Rule(BaseModel):
    """A rule hits if all its conditions hold; empty conditions always hold. Its entities, events and feeds are checked at load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    any: tuple[str, ...] = ()
    """The item mentions at least one of these entities; subsidiaries count unless `subsidiaries` is false."""
    all: tuple[str, ...] = ()
    """The item mentions all of these entities."""
    none: tuple[str, ...] = ()
    """The item mentions none of these entities."""
    groups: tuple[tuple[str, ...], ...] = ()
    """The item mentions an entity of at least two of these groups ("company × Vietnam × U.S.")."""
    events: tuple[str, ...] = ()
    """The item has an event of one of these types; empty: no event is needed."""
    words: tuple[str, ...] = ()
    """The item contains one of these words or phrases."""
    not_words: tuple[str, ...] = ()
    """The item contains none of these words or phrases."""
    exact: StrictBool = False
    """Accents and case of `words` and `not_words` must be as written."""
    feeds: tuple[str, ...] = ()
    """The item is from one of these feeds, by name or address; empty: any feed."""
    languages: tuple[Language, ...] = ()
    about: StrictBool = True
    """The item must be about the entity, not only mention it in passing."""
    subsidiaries: StrictBool = True
    severity: Severity = "alert"
    everything: StrictBool = False
    """Every item of `feeds` is a hit, without matching."""
    name: str = ""
    """The heading in digests and messages; empty: made from the id."""
    name_vi: str = ""
    """The heading in Vietnamese messages; empty: `name`."""

    @model_validator(mode="after")
    def _can_hit(self) -> Rule:
        if self.everything and not self.feeds:
            raise ValueError("everything = true needs feeds, the addresses or names of the feeds whose items all hit")
        if not self.everything and not (self.any or self.all or self.groups or self.words or self.events):
            raise ValueError("expected at least one of any, all, groups, events, words (or everything = true with feeds)")
        return self

    @property
    def title(self) -> str:
        """The heading in messages."""
        return self.name or self.id.replace("-", " ").capitalize()

    def title_in(self, lang: str) -> str:
        """Returns the heading in messages of language `lang`."""
        return self.translations.get(lang) or self.title

    @property
    def translations(self) -> Mapping[str, str]:
        """Headings in other languages than English, by language."""
        return {"vi": self.name_vi} if self.name_vi else {}
