"""Defines StoryView, a story with everything that messages, digests and pages say about it, and its parts.

Values alone. Their texts are the words of feeds as the database holds them: a module that shows them cleans and escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.store.story_rows import JoinReason
from seeds.display_names import DisplayNames
from seeds.events import Behaviour
from watchers.match.result import Reason

NO_NAMING = DisplayNames()
NO_BEHAVIOUR = Behaviour()
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StorySource:
    """One item of a story, as its publisher."""

    item_id: int
    name: str
    url: str
    title: str
    at: datetime | None
    """Its time, as `bot.store.items.item_time` says it; None where nobody knows."""
    sponsored: bool = False
    lang: str = ""
    body: str = ""
    """The beginning of its text, or its summary."""
    published_at: datetime | None = None
    """The date that its publisher gave it."""
    rules: tuple[str, ...] = ()
    """The rules that it hit, in alphabetical order."""


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of a story, with names instead of ids."""

    type: str
    type_names: Mapping[str, str]
    """How people call the type, by language."""
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    amount: float | None = None
    currency: str | None = None
    place: str | None = None
    date: str | None = None
    status: str = "done"
    attributed_to: str | None = None
    sentence: str = ""
    item_id: int = 0
    in_title: bool = False
    start: int = 0
    """Where in the text its sentence begins, in code points."""
    parties: frozenset[str] = frozenset()
    """Entity ids among actors and targets."""
    naming: DisplayNames = field(default=NO_NAMING, repr=False, compare=False)
    """How its names are called in other languages."""
    behaviour: Behaviour = field(default=NO_BEHAVIOUR, repr=False, compare=False)
    """How the type is treated; the default for one that is no longer in the seeds."""


@dataclass(frozen=True, slots=True)
class RuleHit:
    """Why the story matters: the best hit of one rule."""

    hit_id: int
    rule: str
    title: str
    score: float
    severity: str
    why: tuple[str, ...]
    """The reasons in English."""
    item_id: int
    sponsored: bool = False
    entities: frozenset[str] = frozenset()
    """Of those that the rule looks for, the ones that the hit's item names."""
    share: float = 1.0
    """Of the story's items, the part that the rule caught."""
    reasons: tuple[Reason, ...] = ()
    """The same reasons as values; none for a hit of an older version."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Its title by language, where that differs."""
    naming: DisplayNames = field(default=NO_NAMING, repr=False, compare=False)

    def title_in(self, language: str) -> str:
        """The rule as messages in that language head it."""
        return self.titles.get(language) or self.title


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as it stands now."""

    id: int
    title: str
    first_at: datetime | None
    """The time of its earliest item; None where none of its items has one."""
    last_at: datetime | None
    sources: tuple[StorySource, ...]
    """One for each item, the better first: not sponsored, the publisher's own words, early."""
    events: tuple[EventView, ...] = ()
    """Best first: the one that the rules look for and that says most."""
    reasons: tuple[RuleHit, ...] = ()
    """One for each rule: those that most items hit, of these the ones that alert, of these the best score first."""
    names: frozenset[str] = frozenset()
    """Watched names as the items write them: bold in a sentence."""
    entities: frozenset[str] = frozenset()
    sponsored: bool = False
    """All of its items are paid for."""
    publishers: tuple[str, ...] = field(default=())
    """Names of its sources, each once, in the order of `sources`."""
    join_reasons: tuple[JoinReason, ...] = ()
    """Why each later item tells the same news, in the order in which they joined."""

    @property
    def lead(self) -> StorySource:
        """The source whose link and words come first."""
        return self.sources[0]

    @property
    def score(self) -> float:
        """Between 0 and 1."""
        return max((reason.score for reason in self.reasons), default=0.0)


def only_item(story: StoryView, item_id: int) -> StoryView | None:
    """The story with this item as its only source, and its events alone; None when the item is not in the story."""
    sources = tuple(source for source in story.sources if source.item_id == item_id)
    if not sources:
        return None
    return replace(story, sources=sources, events=tuple(event for event in story.events if event.item_id == item_id))


def by_time(source: StorySource) -> tuple[datetime, int]:
    """Sorts sources, the earliest first and those without a time last."""
    return (source.at or _NEVER, source.item_id)


def latest_first(source: StorySource) -> tuple[float, int]:
    """Sorts sources, the latest first and those without a time last."""
    return (-source.at.timestamp() if source.at else 0.0, -source.item_id)
