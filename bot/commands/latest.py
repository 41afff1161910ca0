"""Answers /latest [entity]: the newest stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.commands.lookup import find_entity, latest_stories, story_line, unknown_entity

if TYPE_CHECKING:
    from bot.store import Store


def read(store: Store, ask: Request) -> Response:
    """Ten stories, the newest first."""
    if not ask.words:
        stories = latest_stories(store, ask.seeds)
        return text(ask.say("latest_head"), *(story_line(ask, story) for story in stories)) if stories else text(ask.say("nothing_yet"))
    found = find_entity(ask.seeds, ask.words)
    if found.entity is None:
        return text(unknown_entity(ask, ask.words, found))
    stories = latest_stories(store, ask.seeds, entity=found.entity.id)
    if not stories:
        return text(ask.say("latest_none", name=found.entity.name_in(ask.lang)))
    return text(ask.say("latest_of", name=found.entity.name_in(ask.lang)), *(story_line(ask, story) for story in stories))


COMMAND = Command(read=read)
