"""Defines WatchDraft, an entity or a rule that is edited in a conversation, and its entries in the TOML files. Values only."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.commands.spelling import name_key
from seeds.ambiguity import Ambiguity, ambiguity_of
from seeds.entities import Entity
from seeds.rules import Rule

if TYPE_CHECKING:
    from seeds.load import Seeds

ID = 40
"""Maximum letters of an id."""
RULE_OF = "watch-"
"""Prefix of the id of a rule that was made with an entity in a chat."""
WORDS = 20
WORD = 60
"""Maximum words of a condition, and maximum letters of a word: longer input is a paste."""
_DASHES = ("-", "–", "−")
Notice = Literal["", "there", "clash", "meanwhile"]
"""What saving a draft would overwrite: an existing rule with its name, another rule with its id, or a change that someone made since the
draft began."""


@dataclass(frozen=True)
class WatchDraft:
    """A draft of a watch. `waits` names the field that the next message fills ("" for none)."""

    what: Literal["entity", "rule"]
    id: str
    name: str
    names: tuple[str, ...] = ()
    case: bool | None = None
    near: tuple[str, ...] = ()
    not_near: tuple[str, ...] = ()
    about: bool = True
    severity: Literal["alert", "digest"] = "alert"
    entities: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    waits: str = ""
    base: Mapping[str, Any] | None = None
    """The entry that is edited, so that keys outside the conversation are kept."""
    kept: tuple[Mapping[str, Any], ...] = ()
    """Spellings of the edited entity with different conditions; `near`, `not_near` and `names` are added to them."""
    tells: bool = True
    """Whether the entity gets a rule of its own."""
    known: tuple[str, ...] = ()
    """The spellings of the edited entity before the edit."""
    stands: str = ""
    """The result of `standing` when the draft began: saving must not overwrite later changes by others."""
    notice: Notice = ""

    def to_state(self) -> dict[str, Any]:
        """Returns the draft as the state of a conversation."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> WatchDraft:
        """Restores a draft from the result of `to_state`."""
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in state.items()}
        return cls(**values)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All spellings of the entity, without repetition."""
        return tuple(dict.fromkeys((self.name, *(one["text"] for one in self.kept), *self.names)))

    @property
    def rule_id(self) -> str:
        """The id of the rule that saving writes."""
        return RULE_OF + self.id if self.what == "entity" else self.id

    def doubts(self) -> list[tuple[Ambiguity, str]]:
        """Returns the ambiguous spellings, each with its kind of ambiguity."""
        if self.what != "entity" or (entity := self.entity()).kind == "topic":
            return []
        return [(doubt, name.text) for name in entity.all_names() if (doubt := ambiguity_of(name))]

    def standing(self, seeds: Seeds) -> str:
        """Returns a short hash of what the seeds contain under the ids that saving writes; "" if nothing."""
        found = [seeds.entities.get(self.id) if self.what == "entity" else None, seeds.rules.get(self.rule_id) if self.tells else None]
        if not any(found):
            return ""
        dumped = json.dumps([one and one.model_dump(mode="json", exclude_defaults=True) for one in found], sort_keys=True)
        return hashlib.sha256(dumped.encode()).hexdigest()[:16]

    def stands_in(self, seeds: Seeds) -> bool:
        """Whether the seeds already contain exactly what saving would write."""
        if self.what == "entity" and seeds.entities.get(self.id) != self.entity():
            return False
        return not self.tells or seeds.rules.get(self.rule_id) == self.rule()

    @property
    def empty(self) -> bool:
        """Whether the rule would have no condition."""
        return self.what == "rule" and not (self.entities or self.words or self.events)

    def with_words(self, text: str, key: Callable[[str], str] = str) -> WatchDraft:
        """Returns the draft with the words of a message added to the awaited field. "-" before a word removes it, "-" alone removes all.

        `key` returns the stored form of a word.
        """
        have: tuple[str, ...] = getattr(self, self.waits)
        if text.strip() in _DASHES:
            return replace(self, **{self.waits: (), "waits": ""})  # type: ignore[arg-type]
        given = split_words(text)
        out = {name_key(key(word[1:].strip())) for word in given if word[0] in _DASHES}
        added = [key(word) for word in given if word[0] not in _DASHES]
        words = tuple(word for word in dict.fromkeys((*have, *added)) if name_key(word) not in out)
        changed = replace(self, **{self.waits: words, "waits": ""})  # type: ignore[arg-type]
        if self.waits != "names":
            return changed
        return replace(changed, kept=tuple(one for one in self.kept if name_key(one["text"]) not in out))

    def entity_entry(self) -> dict[str, Any]:
        """Returns the entry for entities.toml."""
        entry: dict[str, Any] = dict(self.base or {"id": self.id, "name": self.name, "kind": "company"}) | {"watched": True}
        entry.pop("names", None)
        conditions = self._conditions()
        if self.kept:
            known = {one["text"] for one in self.kept}
            added = [{"text": name} | conditions for name in self.names if name not in known]
            entry["names"] = [_plain(_joined(one, conditions)) for one in self.kept] + [_plain(one) for one in added]
            return entry
        spellings = list(dict.fromkeys((self.name, *self.names)))
        if conditions:
            entry["names"] = [{"text": spelling} | conditions for spelling in spellings]
        elif self.names:
            entry["names"] = [spelling for spelling in spellings if spelling != self.name]
        return entry

    def _conditions(self) -> dict[str, Any]:
        found: dict[str, Any] = {} if self.case is None else {"case": self.case}
        return found | {key: list(getattr(self, key)) for key in ("near", "not_near") if getattr(self, key)}

    def rule_entry(self) -> dict[str, Any]:
        """Returns the entry for rules.toml."""
        if self.what == "entity":
            entry: dict[str, Any] = {"id": RULE_OF + self.id, "name": self.name, "any": [self.id]}
        else:
            entry = dict(self.base or {"id": self.id, "name": self.name}) | {"any": list(self.entities)}
        entry |= {key: list(getattr(self, key)) for key in ("events", "words", "not_words")}
        entry |= {"about": self.about, "severity": self.severity}
        return {key: value for key, value in entry.items() if value != []}

    def entity(self) -> Entity:
        """Returns the entity. Raises pydantic's ValidationError (a ValueError) if the name is invalid."""
        return Entity.model_validate(self.entity_entry())

    def check(self) -> None:
        """Raises pydantic's ValidationError (a ValueError) if saving would write an invalid entry."""
        if self.what == "entity":
            self.entity()
        if self.tells:
            self.rule()

    def rule(self) -> Rule:
        """Returns the rule. Raises pydantic's ValidationError (a ValueError) if it has no condition."""
        return Rule.model_validate(self.rule_entry())


def entity_id(name: str) -> str:
    """Returns an id for a name: "Hòa Phát Group" → "hoa-phat-group". If the slug loses information (a long name, non-Latin letters, "C++"),
    a hash is added. Names that read the same give the same id."""
    key = name_key(name)
    slug = re.sub(r"[^a-z0-9]+", "-", key).strip("-")
    if slug == key.replace(" ", "-") and len(slug) <= ID:
        return slug
    return f"{slug[: ID - 9].strip('-') or 'name'}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def draft_of(entity: Entity, rule: Rule | None, *, tells: bool) -> WatchDraft:
    """Returns a draft that edits an entity. `rule` is the rule made with it; `tells` says whether it gets one."""
    dumped = entity.model_dump(mode="json", exclude_defaults=True)
    names: list[dict[str, Any]] = dumped.pop("names", [])
    if names and entity.name not in {name["text"] for name in names}:
        names.insert(0, {"text": entity.name})
    conditions = [{key: value for key, value in name.items() if key != "text"} for name in names]
    plain = all(condition == conditions[0] for condition in conditions) and (
        not conditions or conditions[0].keys() <= {"case", "near", "not_near"}
    )
    same = conditions[0] if plain and conditions else {}
    return WatchDraft(
        "entity", entity.id, entity.name, names=tuple(name["text"] for name in names if name["text"] != entity.name) if plain else (),
        case=same.get("case"), near=tuple(same.get("near", ())), not_near=tuple(same.get("not_near", ())),
        about=rule.about if rule else True, severity=rule.severity if rule else "alert",
        base=dumped, kept=() if plain else tuple(names), tells=tells, known=tuple(name["text"] for name in names) or (entity.name,),
    )  # fmt: skip


def draft_of_rule(rule: Rule, lang: str = "en") -> WatchDraft:
    """Returns a draft that edits a rule; `lang` is the language of its title."""
    return WatchDraft(
        "rule", rule.id, rule.title_in(lang), about=rule.about, severity=rule.severity, entities=rule.any, words=rule.words,
        not_words=rule.not_words, events=rule.events, base=rule.model_dump(mode="json", exclude_defaults=True),
    )  # fmt: skip


def _joined(name: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the spelling with further conditions."""
    joined = dict(name)
    for key, value in more.items():
        joined[key] = list(dict.fromkeys([*joined.get(key, []), *value])) if isinstance(value, list) else value
    return joined


def _plain(name: Mapping[str, Any]) -> Any:
    """Returns the TOML form: a spelling without conditions is only its text."""
    return name["text"] if name.keys() == {"text"} else dict(name)


def split_words(text: str) -> tuple[str, ...]:
    """Splits words or phrases at commas, semicolons and line breaks."""
    found = (" ".join(one.split()).strip("\"'“”")[:WORD] for one in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(one for one in found if one))[:WORDS]
