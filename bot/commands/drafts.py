"""Defines Draft, an entity or a rule as a dialogue makes it, and the entries that it becomes. Values only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from bot.commands.spelling import plain_key
from seeds.ambiguous import ambiguous_names
from seeds.entities import Entity
from seeds.rules import Rule

RULE_OF = "watch-"
"""What the id of the rule begins with that tells of an entity added from a chat."""
WORDS = 20
WORD = 60
"""At most so many words in a condition, of so many letters: more is a paste, not a condition."""


@dataclass(frozen=True)
class Draft:
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

    def to_state(self) -> dict[str, Any]:
        """As a dialogue keeps it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Draft:
        """From what `to_state` gave."""
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in state.items()}
        return cls(**values)

    @property
    def doubtful(self) -> bool:
        """Whether a spelling stands in texts for other things too."""
        return self.what == "entity" and any(True for _ in ambiguous_names({self.id: self.entity()}))

    @property
    def empty(self) -> bool:
        """Whether as a rule it would have no condition."""
        return self.what == "rule" and not (self.entities or self.words or self.events)

    def with_words(self, text: str) -> Draft:
        """The words that were waited for, taken from a message; "-" clears them."""
        given = () if text.strip() in {"-", "–"} else split_words(text)
        return replace(self, **{self.waits: given, "waits": ""})  # type: ignore[arg-type]

    def entity_entry(self) -> dict[str, Any]:
        """The entry of entities.toml."""
        entry: dict[str, Any] = dict(self.base or {"id": self.id, "name": self.name, "kind": "company"}) | {"watched": True}
        entry.pop("names", None)
        conditions = self._conditions()
        if self.kept:
            known = {one["text"] for one in self.kept}
            added = [{"text": one} | conditions for one in self.names if one not in known]
            entry["names"] = [_plain(_joined(one, conditions)) for one in self.kept] + [_plain(one) for one in added]
            return entry
        spellings = list(dict.fromkeys((self.name, *self.names)))
        if conditions:
            entry["names"] = [{"text": one} | conditions for one in spellings]
        elif self.names:
            entry["names"] = [one for one in spellings if one != self.name]
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

    def rule(self) -> Rule:
        """The rule. Raises ValueError (pydantic's) when it has no condition."""
        return Rule.model_validate(self.rule_entry())


def entity_id(name: str) -> str:
    """An id for a name: "Hòa Phát Group" → "hoa-phat-group"; made up, and always the same, for one without Latin letters ("鴻海")."""
    made = re.sub(r"[^a-z0-9]+", "-", plain_key(name)).strip("-")[:40]
    return made or f"name-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def draft_of(entity: Entity, rule: Rule | None, *, tells: bool) -> Draft:
    """A draft that changes an entity; `rule` is the one that was made with it, `tells` whether it shall have one."""
    dumped = entity.model_dump(mode="json", exclude_defaults=True)
    names: list[dict[str, Any]] = dumped.pop("names", [])
    if names and entity.name not in {one["text"] for one in names}:
        names.insert(0, {"text": entity.name})
    conditions = [{key: value for key, value in one.items() if key != "text"} for one in names]
    plain = all(one == conditions[0] for one in conditions) and (not conditions or conditions[0].keys() <= {"case", "near", "not_near"})
    same = conditions[0] if plain and conditions else {}
    return Draft(
        "entity", entity.id, entity.name, names=tuple(one["text"] for one in names if one["text"] != entity.name) if plain else (),
        case=same.get("case"), near=tuple(same.get("near", ())), not_near=tuple(same.get("not_near", ())),
        about=rule.about if rule else True, severity=rule.severity if rule else "alert",
        base=dumped, kept=() if plain else tuple(names), tells=tells,
    )  # fmt: skip


def draft_of_rule(rule: Rule, lang: str = "en") -> Draft:
    """A draft that changes a rule; `lang` is that of its heading."""
    return Draft(
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
