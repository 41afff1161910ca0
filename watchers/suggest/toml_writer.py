"""Writes a draft as entities.toml and rules.toml for `load_seeds`, with the evidence for each entry as comments."""

from __future__ import annotations

import json
from collections.abc import Iterable

from seeds.entities import Entity, Name
from seeds.rules import Rule
from watchers.suggest.draft import Draft
from watchers.suggest.profiles import DraftEntity
from watchers.suggest.relations import UNKNOWN_EXCHANGE
from watchers.suggest.rules import FoundEvent

_WIDTH = 140


def entities_toml(draft: Draft, *, new: bool = False) -> str:
    """Returns the text of entities.toml; with `new`, only entities that the seeds do not contain."""
    parts = ["# A draft: drop what does not belong, add names and conditions. `seedwatch seeds check` tells what is doubtful.\n"]
    for entity in draft.entities:
        if new and entity.known:
            continue
        parts += ["\n", *(f"# {remark}\n" for remark in _remarks(entity)), _table("entities", _entity(entity.entity))]
    return "".join(parts)


def rules_toml(draft: Draft) -> str:
    """Returns the text of rules.toml, with the events of the documents as comments above the rules."""
    parts = ['# A draft: rules for what the documents tell. Severity "alert" is a message now, "digest" a line in the daily digest.\n']
    if draft.events:
        parts += ["#\n# Events in the documents:\n", *(f"#   {_event(event)}\n" for event in draft.events)]
    for rule in draft.rules:
        parts += ["\n", _table("rules", _rule(rule))]
    return "".join(parts)


def _remarks(entity: DraftEntity) -> Iterable[str]:
    where = (
        f"{entity.mentions} time{'s' if entity.mentions != 1 else ''} in {entity.documents} document{'s' if entity.documents != 1 else ''}"
    )
    yield f"{where}: {_cut(entity.example)}"
    if entity.known:
        yield "The seeds have it already; their data stands here, with the spellings that were new."
    if entity.source:
        yield "Named as a source of the news: drop it unless you watch the press itself."
    if any(ticker.startswith(f"{UNKNOWN_EXCHANGE}:") for ticker in entity.entity.tickers):
        yield 'The text does not name the exchange: put it for "?".'


def _event(event: FoundEvent) -> str:
    sides = " → ".join(side for side in (", ".join(event.actors), ", ".join(event.targets)) if side)
    return f"{event.type}: {sides}: {_cut(event.sentence)}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 110 else text[:109].rstrip() + "…"


def _entity(entity: Entity) -> dict[str, object]:
    fields = entity.model_dump(exclude_defaults=True, exclude={"names"})
    return {**fields, "names": [_name(name) for name in entity.names]} if entity.names else fields


def _name(name: Name) -> object:
    fields = name.model_dump(exclude_defaults=True)
    return name.text if set(fields) == {"text"} else fields


def _rule(rule: Rule) -> dict[str, object]:
    fields = rule.model_dump(exclude_defaults=True)
    return {**fields, "about": rule.about, "severity": rule.severity}


def _table(name: str, fields: dict[str, object]) -> str:
    lines = [f"[[{name}]]"]
    for key, value in fields.items():
        line = f"{key} = {_value(value)}"
        if len(line) > _WIDTH and isinstance(value, list | tuple):
            line = f"{key} = [\n" + "".join(f"    {_value(element)},\n" for element in value) + "]"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(element) for element in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(element)}" for key, element in value.items()) + " }"
    if isinstance(value, int | float):
        return str(value)
    # JSON's escapes are valid in TOML, but TOML also needs an escape for the delete character.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
