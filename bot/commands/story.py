"""Answers /story n and the button "More": a story with its events, names and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import entity_name, format_time, linked, story_of_reply
from bot.i18n.translate import Markup
from bot.render.markup import Span
from bot.render.story import alert, event_line
from bot.sanitize import clean
from bot.stories.read import read_story
from bot.stories.view import StorySource, StoryView

if TYPE_CHECKING:
    from bot.store import Store

SOURCES, EVENTS, NAMES = 15, 8, 15


def read(store: Store, request: Request) -> Response:
    """Takes the story's id, or the story of the alert that is replied to."""
    number = story_of_reply(store, request) if not request.words and request.answers else _number(request.words)
    return text(request.say("story_ask")) if number is None else shown(store, request, number)


def shown(store: Store, request: Request, number: int) -> Response:
    """Returns the story with this id."""
    story = read_story(store, number, request.seeds)
    if story is None:
        return text(request.say("story_none", n=number))
    told = alert(story, chat=request.chat, language=request.lang, tz=request.settings.timezone)
    return text(Markup(told.html), *(part for part in (_events(request, story), _names(request, story), _sources(request, story)) if part))


def _events(request: Request, story: StoryView) -> Markup | None:
    said = dict.fromkeys(event_line(event, request.lang) for event in story.events)
    if not said:
        return None
    return join_lines([Markup(f"\n{request.say('events_head')}"), *(Markup(f"• {Span(one).html()}") for one in list(said)[:EVENTS])])


def _names(request: Request, story: StoryView) -> Markup | None:
    names = sorted(entity_name(request, entity) for entity in story.entities)
    return request.say("names_head", names=", ".join(names[:NAMES])) if names else None


def _sources(request: Request, story: StoryView) -> Markup:
    rows = [request.say("sources_head"), *(_source(request, source) for source in story.sources[:SOURCES])]
    if len(story.sources) > SOURCES:
        rows.append(Markup(f"+{len(story.sources) - SOURCES}"))
    return join_lines(rows)


def _source(request: Request, source: StorySource) -> Markup:
    where = Span(f"{clean(source.name)} · {format_time(request, source.at)}", italic=True).html()
    return Markup(f"• {linked(source.title, source.url)}\n  {where}")


def _number(words: str) -> int | None:
    digits = words.strip().lstrip("#")
    return int(digits) if digits.isdecimal() and len(digits) < 16 else None


COMMAND = Command(read=read)
