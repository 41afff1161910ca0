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


def write(store: Store, ask: Request) -> Response:
    """/mute · /mute NAME · /mute 12 · /mute off NAME or NAME off."""
    what, off = without_off(ask.words)
    if off and find_entity(ask.seeds, ask.words).entity is not None:  # the name itself contains "off"
        what, off = ask.words, False
    if not what:
        return text(_listed(store, ask))
    digits = what.lstrip("#")
    if digits.isdecimal() and len(digits) < 16:
        return _story(store, ask, int(digits), off)
    found = find_entity(ask.seeds, what)
    muted = ask.settings.muted_entities
    entity = found.entity.id if found.entity else what if what in muted else None
    if entity is None:
        return text(unknown_entity(ask, what, found))
    name = entity_name(ask, entity)
    if off:
        change_settings(store, ask.known, {"muted_entities": sorted(muted - {entity}) or None})
        return text(ask.say("mute_off" if entity in muted else "mute_was_not", name=name))
    change_settings(store, ask.known, {"muted_entities": sorted(muted | {entity})})
    return text(ask.say("mute_done", name=name, id=entity))


def mute_story(store: Store, ask: Request, story: int, *, muted: bool) -> str | None:
    """Mutes or unmutes the story. Returns its title; None if there is no such story."""
    title = story_title(store, story, ask.seeds)
    if title is None:
        return None
    stories = ask.settings.muted_stories - {story} | ({story} if muted else set())
    change_settings(store, ask.known, {"muted_stories": sorted(stories)[-STORIES:] or None})
    return title


def _story(store: Store, ask: Request, story: int, off: bool) -> Response:
    title = mute_story(store, ask, story, muted=not off)
    if title is None:
        return text(ask.say("story_none", n=story))
    return text(ask.say("unmuted_now") if off else ask.say("muted_now", title=title[:160]))


def _listed(store: Store, ask: Request) -> Markup:
    rows = [ask.say("mute_entity", name=entity_name(ask, entity), id=entity) for entity in sorted(ask.settings.muted_entities)]
    for story in sorted(ask.settings.muted_stories, reverse=True)[:20]:
        title = story_title(store, story, ask.seeds)
        if title is not None:
            rows.append(ask.say("mute_story", n=story, title=title[:120]))
    return join_lines([ask.say("mute_head"), *rows]) if rows else ask.say("mute_none")


COMMAND = Command(write=write, own=True)
