"""Defines how typed words are resolved to an entity, a rule or a story, and the lines of lists."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.commands.command import Request
from bot.commands.spelling import name_key
from bot.i18n import formats
from bot.i18n.translate import Markup, t, t_plain
from bot.local_time import local
from bot.render.headline import headline
from bot.render.markup import Span, link, shorten
from bot.sanitize import clean
from bot.store import Store, from_iso
from bot.store.deliveries import story_of_message
from bot.stories.view import StoryView

if TYPE_CHECKING:
    from seeds.entities import Entity
    from seeds.load import Seeds
    from seeds.rules import Rule

TITLE = 160
"""Maximum code points of a title in a list."""
_OFF = frozenset({"off", "tắt", "bỏ"})
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class EntityLookup:
    """The entity that the words name, or similar names."""

    entity: Entity | None
    near: tuple[str, ...] = ()


def find_entity(seeds: Seeds, words: str) -> EntityLookup:
    """Finds an entity by id, name or spelling. Accents, case, width and punctuation around it are ignored."""
    if words in seeds.entities:
        return EntityLookup(seeds.entities[words])
    wanted = name_key(words)
    spellings: dict[str, Entity] = {}
    for entity in seeds.entities.values():
        for key in spelling_keys(entity):
            known = spellings.setdefault(key, entity)
            if entity.watched and not known.watched:
                spellings[key] = entity
    if wanted in spellings:
        return EntityLookup(spellings[wanted])
    near = difflib.get_close_matches(wanted, spellings, 3, 0.75)
    return EntityLookup(None, tuple(dict.fromkeys(spellings[one].name for one in near)))


def spelling_keys(entity: Entity) -> set[str]:
    """Returns the spellings of an entity in the form of `name_key`."""
    spellings = (entity.id, entity.name, *entity.translations.values(), *(name.text for name in entity.names))
    return {key for spelling in spellings if (key := name_key(spelling))}


def unknown_entity(request: Request, words: str, found: EntityLookup) -> Markup:
    """The response to a name that is not found."""
    if found.near:
        return request.say("did_you_mean", name=shorten(words, 60), near=", ".join(found.near))
    return request.say("no_entity", name=shorten(words, 60))


def find_rule(seeds: Seeds, words: str) -> Rule | None:
    """Finds a rule by id or title."""
    if words in seeds.rules:
        return seeds.rules[words]
    called = {name_key(said): rule for rule in seeds.rules.values() for said in (rule.id, rule.title, *rule.translations.values())}
    return called.get(name_key(words))


def without_off(words: str) -> tuple[str, bool]:
    """Returns ("nvidia", True) for "off nvidia" and "nvidia off": the other words, and whether "off" was at either end."""
    parts = words.split()
    for place in (0, -1):
        if parts and parts[place].lower() in _OFF:
            del parts[place]
            return " ".join(parts), True
    return " ".join(parts), False


def rule_title(request: Request, rule: str) -> str:
    """Returns the rule's title in this chat's language; its id if the rule no longer exists."""
    return request.seeds.rules[rule].title_in(request.lang) if rule in request.seeds.rules else rule


def entity_name(request: Request, entity: str) -> str:
    """Returns the entity's name in this chat's language; its id if the entity no longer exists."""
    return request.seeds.entities[entity].name_in(request.lang) if entity in request.seeds.entities else entity


def in_config(request: Request, rule: str) -> bool:
    """Whether the rule is in config.toml, which takes precedence over rules edited in chats."""
    return any(one.id == rule for one in request.config.rules)


def event_name(request: Request, kind: str) -> str:
    """Returns the name of an event type in this chat's language."""
    return request.seeds.naming.event(request.lang, kind)


def format_time(request: Request, moment: str | datetime | None) -> str:
    """A moment of the database as local time, in words; "no date" where there is none."""
    instant = from_iso(moment) if isinstance(moment, str) else moment
    return formats.moment(request.lang, instant, request.settings.timezone)


def format_until(request: Request, moment: datetime) -> str:
    """The same for a moment to come."""
    return formats.day_and_time(request.lang, local(moment, request.settings.timezone))


def linked(title: str, url: str, *, limit: int = TITLE) -> Markup:
    """Returns an external title, escaped, and linked if its address is safe."""
    return Markup(link(shorten(clean(title), limit) or "…", url).html())


def escaped(words: str, limit: int = 400) -> Markup:
    """Returns external text, cleaned, shortened and escaped."""
    return Markup(Span(shorten(clean(words), limit)).html())


def story_line(request: Request, story: StoryView) -> Markup:
    """Returns a story as a line of a list, titled by its current lead item."""
    count = t_plain(request.lang, "sources", n=max(1, len(story.publishers)))
    rest = " · ".join(part for part in (clean(story.lead.name), format_time(request, story.last_at), count) if part)
    return Markup(f"{story.id}. {linked(headline(story, request.lang), story.lead.url)}\n{Span(rest, italic=True).html()}")


def story_of_reply(store: Store, request: Request) -> int | None:
    """The story of the message that was answered."""
    return story_of_message(store, (request.chat, request.known), request.answers)


def yes_no(lang: str, value: bool) -> Markup:
    """In the chat's language."""
    return t(lang, "yes" if value else "no")
