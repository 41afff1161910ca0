"""Answers /mute: entities and stories that this chat gets no messages about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import entity_name, find_entity, unknown_entity, without_off
from bot.i18n.translate import Markup
from bot.store.chats import change_settings
from bot.stories.read import story_title

if TYPE_CHECKING:
    from bot.store import Store

STORIES = 200
"""Maximum muted stories per chat; the oldest are dropped."""


def write(store: Store, request: Request) -> Response:
    """/mute · /mute NAME · /mute 12 · /mute off NAME or NAME off."""
    what, off = without_off(request.words)
    if off and find_entity(request.seeds, request.words).entity is not None:  # the name itself contains "off"
        what, off = request.words, False
    if not what:
        return text(_listed(store, request))
    digits = what.lstrip("#")
    if digits.isdecimal() and len(digits) < 16:
        return _story(store, request, int(digits), off)
    found = find_entity(request.seeds, what)
    muted = request.settings.muted_entities
    entity = found.entity.id if found.entity else what if what in muted else None
    if entity is None:
        return text(unknown_entity(request, what, found))
    name = entity_name(request, entity)
    if off:
        change_settings(store, request.known, {"muted_entities": sorted(muted - {entity}) or None})
        return text(request.say("mute_off" if entity in muted else "mute_was_not", name=name))
    change_settings(store, request.known, {"muted_entities": sorted(muted | {entity})})
    return text(request.say("mute_done", name=name, id=entity))


def mute_story(store: Store, request: Request, story: int, *, muted: bool) -> str | None:
    """Mutes or unmutes the story. Returns its title; None if there is no such story."""
    title = story_title(store, story, request.seeds)
    if title is None:
        return None
    stories = request.settings.muted_stories - {story} | ({story} if muted else set())
    change_settings(store, request.known, {"muted_stories": sorted(stories)[-STORIES:] or None})
    return title


def _story(store: Store, request: Request, story: int, off: bool) -> Response:
    title = mute_story(store, request, story, muted=not off)
    if title is None:
        return text(request.say("story_none", n=story))
    return text(request.say("unmuted_now") if off else request.say("muted_now", title=title[:160]))


def _listed(store: Store, request: Request) -> Markup:
    rows = [request.say("mute_entity", name=entity_name(request, entity), id=entity) for entity in sorted(request.settings.muted_entities)]
    for story in sorted(request.settings.muted_stories, reverse=True)[:20]:
        title = story_title(store, story, request.seeds)
        if title is not None:
            rows.append(request.say("mute_story", n=story, title=title[:120]))
    return join_lines([request.say("mute_head"), *rows]) if rows else request.say("mute_none")


COMMAND = Command(write=write, own=True)
