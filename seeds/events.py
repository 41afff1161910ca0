"""Defines EventType, Behaviour and Trigger: the types of events, the words that report them, and the roles of their participants.

All of it is data in events.toml: a new type needs an entry there and no code. `watchers.match.events.reader` finds the events. Messages
depend on the behaviour of a type, never on its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

from seeds.entities import Kind
from seeds.languages import Language
from seeds.pattern_syntax import parse_pattern

Side = Literal["before", "after", "both", "to", "none"]


def _checked(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        parse_pattern(pattern)
    return patterns


class Trigger(BaseModel):
    """A group of patterns (syntax: `seeds.pattern_syntax`) that report the event with the same roles of participants."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Language
    patterns: tuple[str, ...] = Field(min_length=1)
    weight: float = Field(default=1.0, gt=0, le=1)
    """How reliably the words alone report the event: 1 always; 0.5 only if other evidence supports it."""
    where: Literal["title", "lead", "any"] = "any"
    """Valid in the title only, in title and first two sentences, or anywhere."""
    needs: tuple[str, ...] = ()
    """One of these patterns must be in the same sentence."""
    unless: tuple[str, ...] = ()
    """None of these patterns may be in the same sentence."""
    actor: Side = "before"
    """Where the actors are, relative to the words. "both": on either side, acting together; "to": after "to" or "cho", like buyers."""
    target: Side = "after"
    """Where the targets are, relative to the words."""
    status: Literal["", "done", "planned", "reported", "denied"] = ""
    """The status of the event, if the words themselves express it."""

    @field_validator("patterns", "needs", "unless")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _checked(value)


class Behaviour(BaseModel):
    """How messages and digests present events of a type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deed: StrictBool = False
    """An action that changes something. Among the events of an item it comes before prices, visits and statements."""
    directed: StrictBool = False
    """One side acts on the other: messages put an arrow between them."""
    mutual: StrictBool = False
    """Both sides act: reasons put "with" between them."""
    figures: StrictBool = False
    """A report on figures, such as results: a digest puts it below other events."""
    market: StrictBool = False
    """A report on prices: treated like `figures`, and a small amount in it is the price of a share, not the value of a company."""

    @property
    def reports_figures(self) -> bool:
        """True if the event reports numbers instead of an action."""
        return self.figures or self.market

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.directed and self.mutual:
            raise ValueError("directed and mutual rule each other out: either one side acts on the other, or both act")
        if self.deed and self.reports_figures:
            raise ValueError("deed rules out figures and market: a report on figures is no deed")
        return self


class EventType(Behaviour):
    """One type of event."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: Mapping[Language, str] = Field(default_factory=dict)
    """The name in messages, by language."""
    reported: StrictBool = True
    """False: the type only competes with others (a match report, a price list) and is never reported itself."""
    hides: tuple[str, ...] = ()
    """For a type that is not reported: the types that it hides if its evidence is stronger; empty: all."""
    actors: tuple[Kind, ...] = ("company", "brand", "organization", "government")
    """Kinds of entities that can be actors; the first kinds are preferred."""
    targets: tuple[Kind, ...] = ("company", "brand", "organization", "government", "product", "person")
    nouns: tuple[str, ...] = ()
    """Patterns of participants without a name that can be actors ("federal judge", "khối ngoại")."""
    amount: tuple[str, ...] | None = ()
    """Patterns near which the amount is; empty: any amount in the sentence; None ("amount = false" in TOML): the type has no amount."""
    yields_sum_to: str = ""
    """The type that keeps an amount found for both: the cost of a factory belongs to the investment."""
    background: StrictBool = False
    """Items with this event mention other events as causes only, such as a long market report: those are not reported."""
    needs_actor: StrictBool = False
    """The event is reported only with an actor."""
    place: StrictBool = True
    """False: the type has no place of its own."""
    source_beside: StrictBool = False
    """Only the sentence that reports the event can name its source; other sentences of the item report reasons."""
    place_is_target: StrictBool = False
    """A target that is a place or state is the place of the event, unless the text names another: "visits Vietnam"."""
    unless: tuple[str, ...] = ()
    """If one of these patterns is in the title, the item does not report this type."""
    triggers: tuple[Trigger, ...] = Field(min_length=1)

    @field_validator("amount", mode="before")
    @classmethod
    def _no_amount(cls, value: object) -> object:
        return None if value is False else value

    @field_validator("unless", "nouns")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _checked(value)

    @field_validator("amount")
    @classmethod
    def _amount_patterns(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else _checked(value)

    def title(self, lang: Language = "en") -> str:
        """Returns the name in messages of language `lang`."""
        return self.names.get(lang) or self.names.get("en") or self.id.replace("_", " ")
