"""Defines `score`: how much an item is about each entity it names, with the reasons.

Evidence is added up: where the name stands, how often, in what part of the sentence, how many others stand beside it, what kind of item it
is. The sum is an odds on a logistic scale set so that no evidence either way is just below what counts as "about" (0.15). Values only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from seeds.entities import Entity
from watchers.match.names.conditions import FieldContext
from watchers.match.result import Argument, Field, Mention, Reason, Salience
from watchers.match.salience.item_kind import KindName, kind_of
from watchers.match.salience.lead import lead_of, without_site
from watchers.match.salience.role_in_sentence import MentionContext, Standing, role_in_sentence

TITLE_REACH = 500
"""Characters of a title that are looked at."""
LATE_IN_LEAD_CHARS = 90
"""Characters into the first sentence from which a name mostly stands in what is said of another."""
_CAPITALISED = re.compile(r"(?<!\w)[A-ZĐ][\w.]{4,40}")
_ECHO = re.compile(r"\s?[(\s]\s?(?:[A-Za-z]+\s?:\s?)?\$?|\s(?:and|và)\s")
COMPANIES = frozenset({"company", "brand", "organization", "product"})
_NEUTRAL = math.log(0.15 / 0.85)


class SalienceFeature(msgspec.Struct, frozen=True, gc=False):
    """One reason for or against; `weight` is in odds on the logistic scale."""

    weight: float
    code: str
    args: Mapping[str, Argument] = {}

    @property
    def reason(self) -> Reason:
        """The feature as a reason."""
        return Reason(self.code, self.args, self.weight > 0)


# How the best place in the title, and in the lead, counts. Odds on the logistic scale, with the codes of the reasons.
IN_TITLE: Mapping[Standing, tuple[float, str]] = {
    "subject": (4.0, "title.subject"),
    "leader": (3.0, "title.leader"),
    "partner": (2.7, "title.partner"),
    "plain": (2.5, "title.plain"),
    "list": (2.2, "title.list"),
    "long list": (-0.5, "title.long_list"),
    "modifier": (-2.0, "title.explains"),
    "related": (-2.0, "title.explains"),
    "yardstick": (-1.2, "title.yardstick"),
    "venue": (-2.0, "title.venue"),
    "voice": (-0.5, "title.voice"),
    "source": (-2.0, "title.source"),
}
IN_LEAD: Mapping[Standing, tuple[float, str]] = {
    "subject": (1.8, "lead.subject"),
    "leader": (1.5, "lead.leader"),
    "partner": (1.6, "lead.partner"),
    "plain": (1.0, "lead.plain"),
    "list": (0.3, "lead.list"),
    "long list": (-1.5, "lead.long_list"),
    "modifier": (-1.0, "lead.explains"),
    "related": (-1.0, "lead.explains"),
    "yardstick": (-0.7, "lead.yardstick"),
    "venue": (-1.5, "lead.venue"),
    "voice": (-1.0, "lead.voice"),
    "source": (-1.5, "lead.source"),
}
_TOLD = frozenset({"subject", "leader", "partner", "plain", "list"})
LISTING_KINDS: Mapping[KindName, float] = {
    "share list": -2.5, "market report": -1.4, "match report": -4.0, "price list": -2.0, "comparison": -0.5, "round-up": -1.5,
}  # fmt: skip


class SalienceScorer:
    """Weighs the entities of one item. Built for each item that names something."""

    def __init__(self, mentions: Sequence[Mention], readings: Mapping[Field, FieldContext], entities: Mapping[str, Entity]) -> None:
        self._readings, self._entities = readings, entities
        title, body = readings.get("title"), readings.get("text") or readings.get("summary")
        self._body = body
        self._lead = lead_of(body) if body else (0, 0)
        self._whole_title = (0, len(title.given)) if title else (0, 0)
        self._title_mentions = [mention for mention in mentions if mention.field == "title"]
        companies = [mention.entity for mention in mentions if entities[mention.entity].kind in COMPANIES]
        self._company_mentions, self._company_count = len(companies), len(set(companies))
        self.kind = kind_of(without_site(title.text[:TITLE_REACH]) if title else "", body.text[: self._lead[1]] if body else "")
        self._standings: dict[Mention, Standing] = {}

    def score(self, entity: str, own: Sequence[Mention]) -> Salience:
        """How much the item is about the entity, of which `own` are the mentions (with or without those of its parts)."""
        evidence = self._place_evidence(own) if self._is_place(entity) else self._evidence(own)
        total = _NEUTRAL + sum(feature.weight for feature in evidence)
        value = 1 / (1 + math.exp(-max(-20.0, min(20.0, total))))
        return Salience(round(value, 4), tuple(feature.reason for feature in sorted(evidence, key=lambda feature: -abs(feature.weight))))

    def _is_place(self, entity: str) -> bool:
        return entity in self._entities and self._entities[entity].kind in {"government", "place", "topic", "person"}

    def _place_evidence(self, own: Sequence[Mention]) -> list[SalienceFeature]:
        """A country, person or subject is what an item is about where title or lead name it, or where it comes up again and again."""
        in_title, in_lead = self._where(own)
        if in_title:
            return [SalienceFeature(2.5, "title.plain", {"text": in_title[0].text})]
        if in_lead:
            return [SalienceFeature(1.0, "lead.plain", {"text": in_lead[0].text})]
        if len(own) >= 3:
            return [SalienceFeature(0.3, "mentions.times", {"count": len(own)})]
        return [SalienceFeature(-1.0, "mentions.nowhere")]

    def _where(self, own: Sequence[Mention]) -> tuple[list[Mention], list[Mention]]:
        in_title = [mention for mention in own if mention.field == "title"]
        in_lead = [
            mention
            for mention in own
            if self._body and mention.field == self._body.field and self._lead[0] <= mention.start < self._lead[1]
        ]
        return in_title, in_lead

    def _evidence(self, own: Sequence[Mention]) -> list[SalienceFeature]:
        found = []
        in_title, in_lead = self._where(own)
        if in_title:
            found.append(self._best(in_title, IN_TITLE))
        if in_lead:
            found.append(self._best(in_lead, IN_LEAD))
        if not in_title:
            found.append(SalienceFeature(-1.0, "title.none"))
            if not in_lead:
                found.append(SalienceFeature(-1.0, "lead.none"))
            head = self._head_in_title(own)
            other = self._title_company(own)
            if head:
                found.append(SalienceFeature(1.5, "title.head", {"text": head.text, "office": self._entities[head.entity].office or ""}))
            elif other:
                found.append(SalienceFeature(-1.2, "title.other", {"text": other.text}))
        found += self._share(own)
        if self.kind.name != "news":
            weight = LISTING_KINDS.get(self.kind.name, -1.0)
            if self.kind.name == "market report" and in_title:
                weight /= 2  # what the title of a market report names is what moved the market
            found.append(SalienceFeature(weight, "kind", {"kind": self.kind.name, "text": self.kind.sign}))
        return found

    def _best(self, places: Sequence[Mention], scale: Mapping[Standing, tuple[float, str]]) -> SalienceFeature:
        places = self._without_echoes(places)
        best = max(places, key=lambda place: (scale[self._standing(place)][0], -place.start))
        weight, code = scale[self._standing(best)]
        if scale is IN_LEAD and self._standing(best) == "plain" and best.start - self._lead[0] > LATE_IN_LEAD_CHARS:
            weight, code = 0.5, "lead.late"
        return SalienceFeature(weight, code, {"text": best.text})

    def _without_echoes(self, places: Sequence[Mention]) -> list[Mention]:
        """Leaves out what only goes on from the name before: "Nvidia (NVDA)", "FPT Camera and FPT Play" stand where the first does."""
        kept: list[Mention] = []
        for place in places:
            last = kept[-1] if kept else None
            between = self._readings[place.field].given[last.end : place.start] if last and place.start - last.end <= 12 else "-"
            if not _ECHO.fullmatch(between):
                kept.append(place)
        return kept

    def _head_in_title(self, own: Sequence[Mention]) -> Mention | None:
        mine = {one.entity for one in own} | {one.part_of for one in own}
        for mention in self._title_mentions:
            if self._entities[mention.entity].kind == "person" and self._entities[mention.entity].of in mine:
                return mention
        return None

    def _title_company(self, own: Sequence[Mention]) -> Mention | None:
        mine = {one.entity for one in own}
        for mention in self._title_mentions:
            if mention.entity not in mine and self._entities[mention.entity].kind in COMPANIES and self._standing(mention) in _TOLD:
                return mention
        return None

    def _share(self, own: Sequence[Mention]) -> list[SalienceFeature]:
        share = len(own) / max(1, self._company_mentions)
        if len(own) >= 4 and share >= 0.5 and not self._told_of_another(len(own), own):
            return [SalienceFeature(2.2, "mentions.most", {"count": len(own)})]
        if len(own) == 1 and self._company_mentions >= 4:
            return [SalienceFeature(-1.0, "mentions.once", {"count": self._company_count})]
        return []

    def _told_of_another(self, count: int, own: Sequence[Mention]) -> bool:
        """Whether a name of the title that no entity has comes up in the text as often as these mentions do."""
        if self._body is None:
            return False
        mine = {word for mention in own[:50] for word in mention.text.lower().split()}
        title, text = self._readings.get("title"), self._body.given
        words = set(_CAPITALISED.findall(title.given[:TITLE_REACH])) if title else ()
        return any(word.lower() not in mine and text.count(word) >= count for word in words)

    def _standing(self, mention: Mention) -> Standing:
        known = self._standings.get(mention)
        if known is None:
            reading = self._readings[mention.field]
            first, last = self._whole_title if mention.field == "title" else self._lead
            if not first <= mention.start < last:
                first, last = mention.start - 100, mention.end + 100
            given = reading.given
            first = max(0, first, mention.start - 300)
            sentence = given[first : min(last, mention.end + 300)]
            lowered = sentence.lower() if len(sentence.lower()) == len(sentence) else sentence
            place = MentionContext(lowered, sentence, mention.start - first, mention.end - first, self._entities[mention.entity].venue)
            known = self._standings[mention] = role_in_sentence(place)
        return known
