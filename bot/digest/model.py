"""Defines Digest and its parts: values that `select` makes, and that `message` and `html` put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from watchers.models.problem import Problem
from watchers.stories.developments import Development

if TYPE_CHECKING:
    from bot.store.chats import Chat
    from bot.store.digests import UnarrivedDelivery
    from bot.stories.view import StorySource, StoryView


@dataclass(frozen=True, slots=True)
class DigestStory:
    """A story in a digest."""

    story: StoryView
    held: str = ""
    """Why its alert was held back ("quiet", "cap", "flood"), or ""."""
    developments: tuple[Development, ...] = ()
    """New parts of a story that an earlier digest contained."""


@dataclass(frozen=True, slots=True)
class RepeatedStory:
    """A story that an earlier digest contained and that has no development since."""

    story: StoryView
    since: tuple[StorySource, ...]
    """Its items since that digest, the latest first."""


@dataclass(frozen=True, slots=True)
class RuleSection:
    """The stories of one rule, best first."""

    rule: str
    title: str
    stories: tuple[DigestStory, ...]
    """Stories shown in full."""
    headlines: tuple[DigestStory, ...] = ()
    """Further stories, shown by their headlines alone."""
    left_out: int = 0
    """Number of stories that are counted but not shown."""


@dataclass(frozen=True, slots=True)
class UnusualCount:
    """An entity that was in the news more, or less, than usual."""

    name: str
    count: int
    usual: int
    translations: Mapping[str, str] = field(default_factory=dict)
    """Names by language, where they differ."""

    def name_in(self, language: str) -> str:
        """The entity's name in messages of that language."""
        return self.translations.get(language) or self.name


@dataclass(frozen=True, slots=True)
class FeedTrouble:
    """A feed that fails, is suspended, or is silent against its rhythm."""

    feed: str
    failures: int
    problem: Problem | str
    """Why the last poll failed; the English sentence where an older version wrote it."""
    silent_since: date | None = None
    """Set for a silent feed: the day of its last new item (UTC)."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The content of a chat's digest of a local date."""

    chat: Chat
    on: date
    sections: tuple[RuleSection, ...]
    unconfirmed: tuple[UnarrivedDelivery, ...] = ()
    """Messages that may not have arrived."""
    undelivered: tuple[UnarrivedDelivery, ...] = ()
    """Messages that were given up."""
    feeds: tuple[FeedTrouble, ...] = ()
    unusual: tuple[UnusualCount, ...] = ()
    repeated: tuple[RepeatedStory, ...] = ()
    held_ids: tuple[int, ...] = ()
    """Ids of the held deliveries that the digest replaces."""

    @property
    def stories(self) -> int:
        """Number of stories that it shows or counts."""
        return sum(len(section.stories) + len(section.headlines) + section.left_out for section in self.sections)

    @property
    def sources(self) -> int:
        """Number of publishers of the stories that it shows."""
        shown = [entry for section in self.sections for entry in (*section.stories, *section.headlines)]
        return len({name for entry in shown for name in entry.story.publishers})

    @property
    def empty(self) -> bool:
        """True without a story and without a lost message. Feeds in trouble alone make no digest."""
        return not self.sections and not self.unconfirmed and not self.undelivered and not self.repeated
