"""Answers /search, and any other text in a private chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.commands.lookup import format_time, linked
from bot.i18n.translate import Markup
from bot.render.markup import Span, shorten
from bot.sanitize import clean
from bot.store.search import SearchResult, count_found, search

if TYPE_CHECKING:
    from bot.store import Store

MOST = 10
QUERY = 200


def read(store: Store, request: Request) -> Response:
    """Returns the ten best items."""
    query = shorten(" ".join(request.words.split()), QUERY)
    if not query:
        return text(request.say("search_ask"))
    found = search(store, query, limit=MOST)
    if not found:
        return text(request.say("search_none", query=query))
    total = count_found(store, query)
    head = "search_head" if total == len(found) else "search_head_of"
    return text(request.say(head, count=total, shown=len(found), query=query), *(_line(request, one) for one in found))


def _line(request: Request, one: SearchResult) -> Markup:
    rest = " · ".join(part for part in (clean(one.outlet), format_time(request, one.at)) if part)
    mark = "★ " if one.rules else "• "
    return Markup(f"{mark}{linked(one.title or one.text, one.url)}\n{Span(rest, italic=True).html()}")


COMMAND = Command(read=read)
