"""Answers /story n, and the key "More": a story with what happened, who is named and all its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Answer, Ask, Command, lines, text
from bot.commands.lookup import entity_name, linked, replied_story, when
from bot.i18n import Html
from bot.render.markup import Run, clean
from bot.render.story import alert, event_line
from bot.stories.build import Source, StoryView, read_story

if TYPE_CHECKING:
    from bot.store import Store

SOURCES, EVENTS, NAMES = 15, 8, 15


def read(store: Store, ask: Ask) -> Answer:
    """By its number, or by answering an alert."""
    number = replied_story(store, ask) if not ask.words and ask.answers else _number(ask.words)
    return text(ask.say("story_ask")) if number is None else shown(store, ask, number)


def shown(store: Store, ask: Ask, number: int) -> Answer:
    """The story of that number."""
    story = read_story(store, number, ask.seeds)
    if story is None:
        return text(ask.say("story_none", n=number))
    told = alert(story, chat=ask.chat, language=ask.lang, tz=ask.settings.timezone)
    return text(Html(told.html), *(part for part in (_events(ask, story), _names(ask, story), _sources(ask, story)) if part))


def _events(ask: Ask, story: StoryView) -> Html | None:
    said = dict.fromkeys(event_line(one, ask.lang) for one in story.happenings)
    if not said:
        return None
    return lines([Html(f"\n{ask.say('events_head')}"), *(Html(f"• {Run(one).html()}") for one in list(said)[:EVENTS])])


def _names(ask: Ask, story: StoryView) -> Html | None:
    names = sorted(entity_name(ask, one) for one in story.entities)
    return ask.say("names_head", names=", ".join(names[:NAMES])) if names else None


def _sources(ask: Ask, story: StoryView) -> Html:
    rows = [ask.say("sources_head"), *(_source(ask, one) for one in story.sources[:SOURCES])]
    if len(story.sources) > SOURCES:
        rows.append(Html(f"+{len(story.sources) - SOURCES}"))
    return lines(rows)


def _source(ask: Ask, one: Source) -> Html:
    where = Run(f"{clean(one.name)} · {when(ask, one.at)}", italic=True).html()
    return Html(f"• {linked(one.title, one.url)}\n  {where}")


def _number(words: str) -> int | None:
    digits = words.strip().lstrip("#")
    return int(digits) if digits.isdecimal() and len(digits) < 16 else None


COMMAND = Command(read=read)
