"""Defines EventType, Behaviour and Trigger: what kinds of happenings are read, by which words, and who takes which part in them.

Everything is data of events.toml; a new type needs an entry there and no code. `watchers.match.events.reader` does the reading, and
messages ask
a type for its behaviour, never for its id.
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
    """A group of patterns (notation: `seeds.pattern_syntax`) that tell of the event in the same way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Language
    patterns: tuple[str, ...] = Field(min_length=1)
    weight: float = Field(default=1.0, gt=0, le=1)
    """How surely the words alone tell of the event: 1 in a headline or anywhere; 0.5 only where something else supports it."""
    where: Literal["title", "lead", "any"] = "any"
    """Counts in the title only, in title and first two sentences, or anywhere."""
    needs: tuple[str, ...] = ()
    """One of these patterns must stand in the same sentence."""
    unless: tuple[str, ...] = ()
    """None of these patterns may stand in the same sentence."""
    actor: Side = "before"
    """On which side of the words those stand who act; "both": on either side, all act together; "to": after "to" or "cho", as buyers do."""
    target: Side = "after"
    """On which side those stand who are acted on."""
    status: Literal["", "done", "planned", "reported", "denied"] = ""
    """When the words themselves say how sure the event is."""

    @field_validator("patterns", "needs", "unless")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _checked(value)


class Behaviour(BaseModel):
    """How messages and digests treat events of a type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deed: StrictBool = False
    """Somebody changes something by it: of several events of an item it comes before prices, visits and talk."""
    directed: StrictBool = False
    """One side acts on the other: an arrow stands between them."""
    mutual: StrictBool = False
    """Both sides act: "with" stands between them in reasons."""
    figures: StrictBool = False
    """A report on figures, such as results: a digest puts it below what happened."""
    market: StrictBool = False
    """A report on prices: treated like `figures`, and a small sum in it is the price of a share, not what somebody is worth."""

    @property
    def reports_figures(self) -> bool:
        """True where numbers are the news, not what somebody did."""
        return self.figures or self.market

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.directed and self.mutual:
            raise ValueError("directed and mutual rule each other out: either one side acts on the other, or both act")
        if self.deed and self.reports_figures:
            raise ValueError("deed rules out figures and market: a report on figures is no deed")
        return self


class EventType(Behaviour):
    """One kind of happening."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: Mapping[Language, str] = Field(default_factory=dict)
    """How messages call it, by language."""
    reported: StrictBool = True
    """False: a reading that competes with the others (a match report, a price list) and is never reported itself."""
    hides: tuple[str, ...] = ()
    """For a type that is not reported: the types which it hides when it is the stronger reading; empty: all."""
    actors: tuple[Kind, ...] = ("company", "brand", "organization", "government")
    """Kinds of entities that can act in it; the first kinds are preferred."""
    targets: tuple[Kind, ...] = ("company", "brand", "organization", "government", "product", "person")
    nouns: tuple[str, ...] = ()
    """Patterns of unnamed parties that can act ("federal judge", "khối ngoại")."""
    amount: tuple[str, ...] | None = ()
    """Patterns near which the sum stands; empty: any sum in the sentence; None ("amount = false" in TOML): the type has no sum."""
    yields_sum_to: str = ""
    """A type that keeps a sum which both took: what is put into a factory is the investment's."""
    background: StrictBool = False
    """Items on it name other happenings as causes only: a long market report is not taken apart into further events."""
    needs_actor: StrictBool = False
    """Without anybody who could act there is no such event."""
    place: StrictBool = True
    """False: the type has no place of its own."""
    source_beside: StrictBool = False
    """Only the sentence that tells it names its source: others in the item speak of the reasons."""
    place_is_target: StrictBool = False
    """A place or state acted on is where it happens, unless the text says another: "visits Vietnam"."""
    unless: tuple[str, ...] = ()
    """Patterns whose presence in the title means that the item does not report this type."""
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
        """A heading for people."""
        return self.names.get(lang) or self.names.get("en") or self.id.replace("_", " ")
