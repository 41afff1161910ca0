"""Defines ARGUMENTS, the codes of reasons with the names of their arguments.

A reason is a value (`watchers.match.result.Reason`); this module holds no words. Codes are stored with hits: a released code keeps its
name and its arguments. A new meaning gets a new code.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

SALIENCE = "salience"
"""Several reasons why an item is about one entity, given as one: `reasons`."""
EVENT = "event"
"""The item tells an event that the rule looks for."""


class EventArguments(msgspec.Struct, frozen=True):
    """The arguments of EVENT. A reason holds only those that the event has. Actors, targets and sources are names."""

    type: str
    """Id of the event type."""
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    mutual: bool = False
    """True: the targets act too."""
    amount: float | None = None
    """In units of `currency` (ISO 4217)."""
    currency: str = ""
    place: str = ""
    date: str = ""
    """"YYYY-MM-DD", "YYYY-MM" or "YYYY"."""
    status: str = ""
    """"" where the event is done."""
    attributed_to: str = ""


ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    # how much an item is about an entity: salience/score.py. `text` is a name as the item writes it, `office` is "" where none is known
    "title.subject": ("text",),
    "title.leader": ("text",),
    "title.partner": ("text",),
    "title.plain": ("text",),
    "title.list": ("text",),
    "title.long_list": ("text",),
    "title.explains": ("text",),
    "title.yardstick": ("text",),
    "title.venue": ("text",),
    "title.voice": ("text",),
    "title.source": ("text",),
    "title.head": ("text", "office"),
    "title.other": ("text",),
    "title.none": (),
    "lead.subject": ("text",),
    "lead.leader": ("text",),
    "lead.partner": ("text",),
    "lead.plain": ("text",),
    "lead.late": ("text",),
    "lead.list": ("text",),
    "lead.long_list": ("text",),
    "lead.explains": ("text",),
    "lead.yardstick": ("text",),
    "lead.venue": ("text",),
    "lead.voice": ("text",),
    "lead.source": ("text",),
    "lead.none": (),
    "mentions.times": ("count",),
    "mentions.nowhere": (),
    "mentions.most": ("count",),
    "mentions.once": ("count",),
    "kind": ("kind", "text"),
    # what a rule asks for: rules.py; `name` and `names` are entities by the names of the seeds, `types` are ids of event types
    SALIENCE: ("reasons",),
    EVENT: EventArguments.__struct_fields__,
    "everything": (),
    "named": ("name",),
    "names": ("all_names",),
    "word": ("text",),
    "ruled_out": ("name",),
    "absent": ("name",),
    "all_absent": ("any_names",),
    "in_passing": ("name", "value", "limit", "reasons"),
    "one_group": ("name",),
    "no_group": (),
    "about_none": ("names",),
    "no_event": ("types",),
    "no_word": ("words",),
    "no_word_of_many": ("words",),
    "word_ruled_out": ("text",),
    "other_feed": ("words",),
    "other_language": ("lang", "langs"),
    "unknown_language": ("langs",),
}
"""By code, the names of its arguments. Arguments of one name hold the same kind of value in every code."""
