"""Defines `weigh`: how much an item is about each entity it names, with the reasons in words.

Evidence is added up: where the name stands, how often, in what part of the sentence, how many others stand beside it, what kind of item it
is. The sum is an odds on a logistic scale set so that no evidence either way is just below what counts as "about" (0.15). Values only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seeds.entities import Entity
from watchers.match.conditions import Reading
from watchers.match.kind import kind_of
from watchers.match.result import Field, Mention, Salience

COMPANIES = frozenset({"company", "brand", "organization", "product"})
_NEUTRAL = math.log(0.15 / 0.85)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against; `weight` is in odds on the logistic scale."""

    weight: float
    why: str


class Weigher:
    """Weighs the entities of one item. Built for each item that names something."""

    def __init__(self, mentions: Sequence[Mention], readings: Mapping[Field, Reading], entities: Mapping[str, Entity]) -> None:
        self._mentions, self._readings, self._entities = mentions, readings, entities
        self._title = readings["title"].text if "title" in readings else ""
        body = readings.get("text") or readings.get("summary")
        self._body = body.text if body else ""
        self._lead_end = body.sentences()[0][1] if body else 0
        self.kind = kind_of(self._title, self._body[: self._lead_end])

    def weigh(self, entity: str, own: Sequence[Mention]) -> Salience:
        """How much the item is about `entity`, of which `own` are the mentions (with or without those of its parts)."""
        evidence = self._evidence(entity, own)
        total = _NEUTRAL + sum(one.weight for one in evidence)
        return Salience(round(1 / (1 + math.exp(-total)), 4), tuple(one.why for one in evidence))

    def _evidence(self, entity: str, own: Sequence[Mention]) -> list[Evidence]:
        found = []
        in_title = [one for one in own if one.field == "title"]
        in_lead = [one for one in own if one.field != "title" and one.start < self._lead_end]
        if in_title:
            found.append(Evidence(2.5, f'"{in_title[0].text}" in the title'))
        if in_lead:
            found.append(Evidence(1.0, f'"{in_lead[0].text}" in the first sentence'))
        if not in_title:
            found.append(Evidence(-1.0, "not in the title"))
        if self.kind.name != "news":
            found.append(Evidence(-2.0, f"the item is a {self.kind.name} ({self.kind.sign})"))
        return found
