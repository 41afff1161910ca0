"""Defines parties: how messages call the two sides of an event that is stored, and json_list, which reads such columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seeds.entities import Entity
    from seeds.load import Seeds


def parties(text: str, item: int, seeds: Seeds, called: Mapping[tuple[int, str], set[str]]) -> tuple[str, ...]:
    """Their names, in order. `text`: the column as stored; `called`: by item and entity, the words by which the item calls it."""
    names = []
    for one in json_list(text):
        if isinstance(one, dict):
            names.append(str(one.get("name", "")))
        else:
            names.append(_called(seeds.entities[one], called.get((item, one), set())) if one in seeds.entities else str(one))
    return tuple(name for name in names if name)


def _called(entity: Entity, texts: set[str]) -> str:
    """The name of a party: the entity's own, or what the item calls it where that is another word ("Green SM" for GSM), symbols and
    nicknames ("họ Vin") aside."""
    own = entity.name.casefold()
    if entity.kind not in {"company", "brand"} or not texts or any(own in text.casefold() for text in texts):
        return entity.name
    words = [text for text in texts if text[:1].isupper() and not text.isupper()]
    return max(words, key=lambda text: (len(text), text), default=entity.name)


def json_list(text: str | None) -> list[Any]:
    """The list that a column holds as JSON, empty where it holds anything else."""
    value = json.loads(text or "[]")
    return value if isinstance(value, list) else []
