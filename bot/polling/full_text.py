"""Defines FullText: fetches the pages behind items before they are finally matched, as `poll.full_text` says.

A page refines what the feed said, it never loses it: one that cannot be read, or that does not speak of what was found in the feed,
leaves the item as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol

from msgspec.structs import replace

from bot.polling.matcher_thread import AsyncMatcher
from watchers.match.result import Match
from watchers.models.item import Item

Waiting = Callable[[], AbstractContextManager[object]]


class ArticleFetcher(Protocol):
    """Reads pages, within limits of its own."""

    async def text_behind(self, item: Item) -> str | None:
        """The article's plain text behind the item's address; None when there is none to be had, for whatever reason."""
        ...


class FullText:
    """Says which items need their page and matches those again."""

    def __init__(self, mode: Literal["never", "hits", "always"], pages: ArticleFetcher | None, matching: AsyncMatcher) -> None:
        """Without `pages` there is nothing to read, whatever the mode says."""
        self._mode, self._pages, self._matching = mode, pages, matching

    async def complete(
        self, items: Sequence[Item], matches: Sequence[Match], told: Sequence[bool], waiting: Waiting = nullcontext
    ) -> list[tuple[Item, Match]]:
        """The items in the same order, those whose page was read with its text and what is found in that.

        `told` says of each whether anybody may be alerted about it: a new feed's old hits are not worth a hundred requests to its host.
        `waiting` is around the time in which other people's servers are waited for.
        """
        pairs = list(zip(items, matches, strict=True))
        if self._pages is None:
            return pairs
        places = [place for place, (item, match) in enumerate(pairs) if self._wants(item, match, told[place])]
        if not places:
            return pairs
        with waiting():
            texts = await asyncio.gather(*(self._pages.text_behind(pairs[place][0]) for place in places))
        longer = {
            place: replace(pairs[place][0], text=text)
            for place, text in zip(places, texts, strict=True)
            if text and len(text) > len(pairs[place][0].text)
        }
        found = await self._matching.match(list(longer.values()))
        for (place, item), match in zip(longer.items(), found, strict=True):
            before = pairs[place][1]
            if not before.hits or any(mention.field == "text" for mention in match.mentions):
                pairs[place] = (item, match)
        return pairs

    def _wants(self, item: Item, match: Match, told: bool) -> bool:
        if self._mode == "never" or not item.url.startswith(("http://", "https://")):
            return False
        return self._mode == "always" or (told and bool(match.hits))
