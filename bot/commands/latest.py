"""Answers /latest [entity]: the newest stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.commands.lookup import find_entity, story_line, unknown_entity
from bot.store.story_rows import list_stories
from bot.stories.read import read_stories

if TYPE_CHECKING:
    from bot.store import Store

STORIES = 10
"""Shown at most."""


def read(store: Store, ask: Request) -> Response:
    """Ten stories, the newest first."""
    if not ask.words:
        stories = read_stories(store, list_stories(store, limit=STORIES), ask.seeds)
        return text(ask.say("latest_head"), *(story_line(ask, story) for story in stories)) if stories else text(ask.say("nothing_yet"))
    found = find_entity(ask.seeds, ask.words)
    if found.entity is None:
        return text(unknown_entity(ask, ask.words, found))
    stories = read_stories(store, list_stories(store, entity=found.entity.id, limit=STORIES), ask.seeds)
    if not stories:
        return text(ask.say("latest_none", name=found.entity.name_in(ask.lang)))
    return text(ask.say("latest_of", name=found.entity.name_in(ask.lang)), *(story_line(ask, story) for story in stories))


COMMAND = Command(read=read)
