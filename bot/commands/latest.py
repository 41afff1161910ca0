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


def read(store: Store, request: Request) -> Response:
    """Ten stories, the newest first."""
    if not request.words:
        stories = read_stories(store, list_stories(store, limit=STORIES), request.seeds)
        return (
            text(request.say("latest_head"), *(story_line(request, story) for story in stories))
            if stories
            else text(request.say("nothing_yet"))
        )
    found = find_entity(request.seeds, request.words)
    if found.entity is None:
        return text(unknown_entity(request, request.words, found))
    stories = read_stories(store, list_stories(store, entity=found.entity.id, limit=STORIES), request.seeds)
    if not stories:
        return text(request.say("latest_none", name=found.entity.name_in(request.lang)))
    return text(request.say("latest_of", name=found.entity.name_in(request.lang)), *(story_line(request, story) for story in stories))


COMMAND = Command(read=read)
