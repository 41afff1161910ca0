"""Defines party_names: how messages call the actors or targets of an event. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from watchers.match.result import UnknownName

if TYPE_CHECKING:
    from seeds.entities import Entity
    from seeds.load import Seeds


def party_names(
    parties: Sequence[str | UnknownName], item_id: int, seeds: Seeds, spellings: Mapping[tuple[int, str], set[str]]
) -> tuple[str, ...]:
    """The names of the parties, in order. `spellings`: by item id and entity, the words by which the item names the entity."""
    names = []
    for party in parties:
        if isinstance(party, UnknownName):
            names.append(party.name)
        elif party in seeds.entities:
            names.append(_entity_name(seeds.entities[party], spellings.get((item_id, party), set())))
        else:
            names.append(party)
    return tuple(name for name in names if name)


def _entity_name(entity: Entity, texts: set[str]) -> str:
    """The entity's own name, or another word by which the item names it ("Green SM" for GSM); symbols and nicknames ("họ Vin") aside."""
    own = entity.name.casefold()
    if entity.kind not in {"company", "brand"} or not texts or any(own in text.casefold() for text in texts):
        return entity.name
    words = [text for text in texts if text[:1].isupper() and not text.isupper()]
    return max(words, key=lambda text: (len(text), text), default=entity.name)
