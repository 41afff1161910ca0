"""Defines TEMPLATES, the sentences in which matching gives its reasons; `reason`, which fills one in; `read`, which takes one apart again.

Hits keep their reasons in English. Whoever tells them in another language reads the stored sentence against the same templates and fills
its own: nothing is translated word by word, and a sentence that no template made stays as it is. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter

TEMPLATES: Mapping[str, str] = {
    # how much an item is about an entity: about.py
    "title.subject": '"{text}" leads the title',
    "title.leader": '"{text}": its head is in the title',
    "title.partner": '"{text}" in the title as one side',
    "title.plain": '"{text}" in the title',
    "title.list": '"{text}" in the title with others',
    "title.long list": '"{text}" in a list in the title',
    "title.explains": '"{text}" in the title only to explain another',
    "title.yardstick": '"{text}" in the title only to compare with',
    "title.venue": '"{text}" in the title only as the place',
    "title.voice": '"{text}" in the title only as a voice',
    "title.source": '"{text}" in the title only as the source',
    "title.head": '"{text}", its {office}, in the title',
    "title.other": 'the title is on "{text}"',
    "title.none": "not in the title",
    "lead.subject": '"{text}" leads the first sentence',
    "lead.leader": '"{text}": its head is in the first sentence',
    "lead.partner": '"{text}" in the first sentence as one side',
    "lead.plain": '"{text}" in the first sentence',
    "lead.late": '"{text}" late in the first sentence',
    "lead.list": '"{text}" in the first sentence with others',
    "lead.long list": '"{text}" in a list in the first sentence',
    "lead.explains": '"{text}" in the first sentence only to explain another',
    "lead.yardstick": '"{text}" in the first sentence only to compare with',
    "lead.venue": '"{text}" in the first sentence only as the place',
    "lead.voice": '"{text}" in the first sentence only as a voice',
    "lead.source": '"{text}" in the first sentence only as the source',
    "lead.none": "not in the first sentence",
    "named.times": "named {count} times",
    "named.nowhere": "named neither in the title nor in the first sentence",
    "named.most": "named {count} times, more than all other companies together",
    "named.once": "named once among {count} companies",
    "kind": 'the item is a {kind} ("{text}")',
    # what a rule asks for: rules.py
    "everything": "every item of this feed is wanted",
    "named": "{name} is named",
    "names": "names {all_names}",
    "word": '"{text}" stands in it',
    "ruled out": "{name} is named, which this rule rules out",
    "absent": "{name} is not named",
    "all absent": "none of {any_names} is named",
    "in passing": "{name} is only mentioned (salience {value}, below {limit}): {reasons}",
    "one group": "fewer than two of its groups are named: {name}",
    "no group": "fewer than two of its groups are named: none",
    "about none": "it is about none of {names}",
    "no event": "tells of no {types}",
    "no word": "none of its words stands in it: {words}",
    "word ruled out": '"{text}" stands in it, which this rule rules out',
    "other feed": "comes from another feed than {words}",
    "other language": "is in {lang}, not in {langs}",
    "unknown language": "is in no known language, not in {langs}",
}
"""By id, the sentence with its slots. Slots of one name hold the same kind of thing everywhere, so that languages can treat them alike."""
AGAINST = frozenset((
    "title.long list", "title.explains", "title.yardstick", "title.venue", "title.voice", "title.source", "title.other", "title.none",
    "lead.long list", "lead.explains", "lead.yardstick", "lead.venue", "lead.voice", "lead.source", "lead.none",
    "named.nowhere", "named.once", "kind",
))
"""Reasons that speak against an item's being about what it names."""
JOINERS: Mapping[str, str] = {"all_names": " and ", "any_names": " or ", "names": ", ", "words": ", ", "types": " or ", "langs": " or "}
"""What stands between the parts of slots that hold several."""
EVENT = "event"
"""Id of the reason that tells an event; it has parts of its own and is made by `event_reason`."""
SEPARATOR = "; "
"""Stands between reasons that are told as one."""

_SHAPES = {"count": r"\d+", "value": r"-?\d+\.\d\d", "limit": r"-?\d+\.\d\d", "lang": r"[a-z-]+", "reasons": ".*"}
_ANY = r"(?:(?!; ).)+?"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the id of its template, and what fills the slots, as written."""

    id: str
    slots: Mapping[str, str] = field(default_factory=dict)

    def parts(self, slot: str) -> tuple[str, ...]:
        """What a slot holds, one by one where it holds several."""
        given = self.slots[slot]
        return tuple(given.split(JOINERS[slot])) if slot in JOINERS else (given,)


def reason(template: str, /, **slots: str | int | Sequence[str]) -> str:
    """The sentence. Slots that hold several take a sequence. Raises KeyError for an unknown template or a slot left empty."""
    for slot, given in slots.items():
        if slot in JOINERS and not isinstance(given, (str, int)):
            slots[slot] = JOINERS[slot].join(given)
    return TEMPLATES[template].format(**slots)


def event_reason(
    type_id: str, *, actors: str = "", targets: str = "", mutual: bool = False, details: Sequence[str] = (), attributed_to: str = ""
) -> str:
    """ "acquisition: A and B → C, 5,000,000 USD, Hanoi, 2024-12-05, planned (according to D)"; `details` are sum, place, date, status.

    `mutual`: the targets act too ("with").
    """
    words = type_id.replace("_", " ")
    if actors:
        words += f": {actors}"
    if targets:
        words += (" with " if mutual else " → ") + targets
    return ", ".join((words, *details)) + (f" (according to {attributed_to})" if attributed_to else "")


@lru_cache(maxsize=4_000)
def read(sentence: str) -> tuple[Reason, ...] | None:
    """The reasons in a stored sentence, one or several told as one; None for a sentence that no template made."""
    found = _read_one(sentence)
    if found is not None:
        return (found,)
    at = sentence.find(SEPARATOR)
    while at >= 0:
        first = _read_one(sentence[:at])
        rest = read(sentence[at + len(SEPARATOR) :]) if first is not None else None
        if first is not None and rest is not None:
            return (first, *rest)
        at = sentence.find(SEPARATOR, at + 1)
    return None


def speaks_for(sentence: str) -> bool:
    """Whether a reason speaks for an item's being about what it names: what speaks against explains no hit."""
    said = read(sentence)
    return not said or said[0].id not in AGAINST


def _read_one(sentence: str) -> Reason | None:
    for template, pattern in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return Reason(template, {slot: given for slot, given in found.groupdict().items() if given is not None})
    return None


def pattern_of(template: str) -> re.Pattern[str]:
    """What reads a sentence back that filled the template: a group for each slot."""
    parts = []
    for literal, slot, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if slot:
            parts.append(f"(?P<{slot}>{_SHAPES.get(slot, _ANY)})")
    return re.compile("".join(parts), re.DOTALL)


def _literal(template: str) -> int:
    return sum(len(literal) for literal, _, _, _ in Formatter().parse(template))


_EVENT = re.compile(
    rf"(?P<type>[a-z][a-z0-9 ]*)(?:: (?P<actors>{_ANY}))?(?:(?P<joint> with | → )(?P<targets>{_ANY}))?"
    rf"(?:, (?P<amount>-?[\d,]+ [A-Z]{{3}}))?(?:, (?P<place>{_ANY}))??"
    r"(?:, (?P<date>\d{4}(?:-\d\d){0,2}))?(?:, (?P<status>planned|reported|denied))?(?: \(according to (?P<by>.+)\))?",
    re.DOTALL,
)
# The more of a template is fixed, the surer its reading; an event has the least.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    *((one, pattern_of(TEMPLATES[one])) for one in sorted(TEMPLATES, key=lambda one: -_literal(TEMPLATES[one]))),
    (EVENT, _EVENT),
)
