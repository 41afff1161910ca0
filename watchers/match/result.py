"""Defines what matching gives: Mention, Event, Reason, Hit, Miss and the Match that holds them for one item.

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


class Reason(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Why a rule matched, why it did not, or how much an item is about an entity: a code and its arguments.

    `watchers.match.reasons` holds the codes. `bot.i18n.reasons` makes words of them, in each language.
    """

    code: str
    args: Mapping[str, Argument] = {}
    supports: bool = True
    """True: it speaks for the item being about what it names. Only such reasons explain a hit."""


Argument = str | int | float | bool | tuple[str | Reason, ...]
"""What a reason names: a text, a count, a value, or several names or reasons."""


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A rule matched the item. `score` is between 0 and 1 and orders a digest."""

    rule: str
    score: float
    severity: Literal["alert", "digest"]
    reasons: tuple[Reason, ...]


class Miss(msgspec.Struct, frozen=True, gc=False):
    """A rule found something it looks for and yet did not hit; `reasons` say what was missing."""

    rule: str
    reasons: tuple[Reason, ...]


class Salience(msgspec.Struct, frozen=True, gc=False):
    """How much an item is about an entity: 0 (named in passing) to 1, with the reasons, the weightiest first."""

    value: float
    reasons: tuple[Reason, ...]


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
