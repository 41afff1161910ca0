"""Defines what matching gives: Mention, Event, Hit, Miss and the Match that holds them for one item.

Offsets count Unicode code points of the field as given: `field_text[start:end] == text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Field = Literal["title", "summary", "text"]
Status = Literal["done", "planned", "reported", "denied"]


class Mention(msgspec.Struct, frozen=True, gc=False):
    """An entity's name found at a place in an item, and meant."""

    entity: str
    text: str
    field: Field
    start: int
    end: int
    part_of: str | None = None
    """The group that this entity belongs to (the topmost one), or None."""


class Amount(msgspec.Struct, frozen=True, gc=False):
    """A sum of money. `currency` is an ISO 4217 code."""

    value: float
    currency: str


class Event(msgspec.Struct, frozen=True, gc=False):
    """A typed happening. Actors and targets are entity ids, or a `UnknownName` for a name that no entity has."""

    type: str
    actors: tuple[str | UnknownName, ...] = ()
    targets: tuple[str | UnknownName, ...] = ()
    amount: Amount | None = None
    place: str | None = None
    date: str | None = None
    """"YYYY-MM-DD", "YYYY-MM" or "YYYY"."""
    status: Status = "done"
    attributed_to: str | None = None
    field: Field = "text"
    start: int = 0
    end: int = 0
    """The sentence that tells it."""


class UnknownName(msgspec.Struct, frozen=True, gc=False):
    """Somebody in an event whom no entity stands for."""

    name: str


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A rule caught the item. `score` is between 0 and 1 and orders a digest; `why` are sentences for people."""

    rule: str
    score: float
    severity: Literal["alert", "digest"]
    why: tuple[str, ...]


class Miss(msgspec.Struct, frozen=True, gc=False):
    """A rule found something it looks for and yet did not hit; `why` says what was missing."""

    rule: str
    why: tuple[str, ...]


class Salience(msgspec.Struct, frozen=True, gc=False):
    """How much an item is about an entity: 0 (named in passing) to 1, with the reasons in words."""

    value: float
    why: tuple[str, ...]


class Match(msgspec.Struct, frozen=True):
    """All that is known about one item after matching."""

    lang: str
    mentions: tuple[Mention, ...] = ()
    events: tuple[Event, ...] = ()
    sponsored: bool = False
    hits: tuple[Hit, ...] = ()
    misses: tuple[Miss, ...] = ()
    salience: Mapping[str, Salience] = msgspec.field(default_factory=dict)
    """By entity id, groups included (a subsidiary's mentions count for its group)."""
