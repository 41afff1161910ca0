"""Defines WatchDraft, an entity or a rule as a dialogue makes it, and the entries that it becomes. Values only."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.commands.spelling import name_key
from seeds.ambiguity import DoubtKind, doubt_of
from seeds.entities import Entity
from seeds.rules import Rule

if TYPE_CHECKING:
    from seeds.load import Seeds

ID = 40
"""Letters of an id at most."""
RULE_OF = "watch-"
"""What the id of the rule begins with that tells of an entity added from a chat."""
WORDS = 20
WORD = 60
"""At most so many words in a condition, of so many letters: more is a paste, not a condition."""
_DASHES = ("-", "–", "−")
Notice = Literal["", "there", "clash", "meanwhile"]
"""What keeping a draft replaces besides what was asked for: the rule of that name, another rule with the id of this one, or what somebody
else wrote since the draft was begun."""


@dataclass(frozen=True)
class WatchDraft:
    """What shall be watched. `waits` says which words the next message gives ("" for none)."""

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
    """The entry that is changed, so that what the dialogue does not speak of stays."""
    kept: tuple[Mapping[str, Any], ...] = ()
    """Spellings of the changed entity that differ in their conditions: `near`, `not_near` and `names` are then added to them."""
    tells: bool = True
    """Whether a rule of its own goes with the entity."""
    known: tuple[str, ...] = ()
    """What the changed entity was called before."""
    stands: str = ""
    """What `standing` gave when the draft was begun: keeping must not replace what somebody else wrote since."""
    notice: Notice = ""

    def to_state(self) -> dict[str, Any]:
        """As a dialogue keeps it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> WatchDraft:
        """From what `to_state` gave."""
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in state.items()}
        return cls(**values)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All that the entity is called, each once."""
        return tuple(dict.fromkeys((self.name, *(one["text"] for one in self.kept), *self.names)))

    @property
    def rule_id(self) -> str:
        """The id of the rule that keeping it writes."""
        return RULE_OF + self.id if self.what == "entity" else self.id

    def doubts(self) -> list[tuple[DoubtKind, str]]:
        """Spellings that stand in texts for other things too, each with the reason."""
        if self.what != "entity" or (entity := self.entity()).kind == "topic":
            return []
        return [(doubt, name.text) for name in entity.all_names() if (doubt := doubt_of(name))]

    def standing(self, seeds: Seeds) -> str:
        """What the seeds hold now under the ids that keeping it writes, in a few letters; "" for nothing."""
        found = [seeds.entities.get(self.id) if self.what == "entity" else None, seeds.rules.get(self.rule_id) if self.tells else None]
        if not any(found):
            return ""
        dumped = json.dumps([one and one.model_dump(mode="json", exclude_defaults=True) for one in found], sort_keys=True)
        return hashlib.sha256(dumped.encode()).hexdigest()[:16]

    def stands_in(self, seeds: Seeds) -> bool:
        """Whether the seeds hold just what keeping it would write."""
        if self.what == "entity" and seeds.entities.get(self.id) != self.entity():
            return False
        return not self.tells or seeds.rules.get(self.rule_id) == self.rule()

    @property
    def empty(self) -> bool:
        """Whether as a rule it would have no condition."""
        return self.what == "rule" and not (self.entities or self.words or self.events)

    def with_words(self, text: str, key: Callable[[str], str] = str) -> WatchDraft:
        """The words that were waited for, from a message: they are added; "-" before one takes it out, "-" alone takes all out.

        `key` gives the form in which words are kept.
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
        """The entry of entities.toml."""
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
        """The entry of rules.toml."""
        if self.what == "entity":
            entry: dict[str, Any] = {"id": RULE_OF + self.id, "name": self.name, "any": [self.id]}
        else:
            entry = dict(self.base or {"id": self.id, "name": self.name}) | {"any": list(self.entities)}
        entry |= {key: list(getattr(self, key)) for key in ("events", "words", "not_words")}
        entry |= {"about": self.about, "severity": self.severity}
        return {key: value for key, value in entry.items() if value != []}

    def entity(self) -> Entity:
        """The entity. Raises ValueError (pydantic's) when the name makes none."""
        return Entity.model_validate(self.entity_entry())

    def check(self) -> None:
        """Raises ValueError (pydantic's) when keeping it would write what cannot be read."""
        if self.what == "entity":
            self.entity()
        if self.tells:
            self.rule()

    def rule(self) -> Rule:
        """The rule. Raises ValueError (pydantic's) when it has no condition."""
        return Rule.model_validate(self.rule_entry())


def entity_id(name: str) -> str:
    """An id for a name: "Hòa Phát Group" → "hoa-phat-group". Where that says less than the name does (a long one, one with other than Latin
    letters, "C++"), a few made-up letters tell it from others; names that people read as the same always give the same id."""
    key = name_key(name)
    slug = re.sub(r"[^a-z0-9]+", "-", key).strip("-")
    if slug == key.replace(" ", "-") and len(slug) <= ID:
        return slug
    return f"{slug[: ID - 9].strip('-') or 'name'}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def draft_of(entity: Entity, rule: Rule | None, *, tells: bool) -> WatchDraft:
    """A draft that changes an entity; `rule` is the one that was made with it, `tells` whether it shall have one."""
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
    """A draft that changes a rule; `lang` is that of its heading."""
    return WatchDraft(
        "rule", rule.id, rule.title_in(lang), about=rule.about, severity=rule.severity, entities=rule.any, words=rule.words,
        not_words=rule.not_words, events=rule.events, base=rule.model_dump(mode="json", exclude_defaults=True),
    )  # fmt: skip


def _joined(name: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A spelling with conditions added to its own."""
    joined = dict(name)
    for key, value in more.items():
        joined[key] = list(dict.fromkeys([*joined.get(key, []), *value])) if isinstance(value, list) else value
    return joined


def _plain(name: Mapping[str, Any]) -> Any:
    """As people write it: a spelling without conditions is just its text."""
    return name["text"] if name.keys() == {"text"} else dict(name)


def split_words(text: str) -> tuple[str, ...]:
    """Words or phrases with commas or lines between them."""
    found = (" ".join(one.split()).strip("\"'“”")[:WORD] for one in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(one for one in found if one))[:WORDS]
