"""Defines FullText, which fetches the article pages of items before they are finally matched, as `poll.full_text` sets.

The article page can only improve a match: if it cannot be read, or does not mention the entities found in the feed entry, the entry's own
text is kept.
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

WaitContext = Callable[[], AbstractContextManager[object]]


class ArticleFetcher(Protocol):
    """Fetches article pages, within limits of its own."""

    async def text_behind(self, item: Item) -> str | None:
        """Returns the plain text of the article at the item's address; None if there is none, for any reason."""
        ...


class FullText:
    """Decides which items need their page, fetches it and matches those items again."""

    def __init__(self, mode: Literal["never", "hits", "always"], pages: ArticleFetcher | None, matching: AsyncMatcher) -> None:
        """Without `pages` nothing is fetched, in any mode."""
        self._mode, self._pages, self._matching = mode, pages, matching

    async def complete(
        self, items: Sequence[Item], matches: Sequence[Match], alertable: Sequence[bool], wait_context: WaitContext = nullcontext
    ) -> list[tuple[Item, Match]]:
        """Returns the items with their matches, in the same order. Items whose page was read carry its text and the match of it.

        `alertable` says for each item whether it may cause an alert: old hits of a new feed do not justify hundreds of requests to its
        host. `wait_context` is entered while article pages are awaited.
        """
        pairs = list(zip(items, matches, strict=True))
        if self._pages is None:
            return pairs
        indexes = [index for index, (item, match) in enumerate(pairs) if self._needs_page(item, match, alertable[index])]
        if not indexes:
            return pairs
        with wait_context():
            texts = await asyncio.gather(*(self._pages.text_behind(pairs[index][0]) for index in indexes))
        longer = {
            index: replace(pairs[index][0], text=text)
            for index, text in zip(indexes, texts, strict=True)
            if text and len(text) > len(pairs[index][0].text)
        }
        matches_with_text = await self._matching.match(list(longer.values()))
        for (index, item), match in zip(longer.items(), matches_with_text, strict=True):
            feed_match = pairs[index][1]
            if not feed_match.hits or any(mention.field == "text" for mention in match.mentions):
                pairs[index] = (item, match)
        return pairs

    def _needs_page(self, item: Item, match: Match, alertable: bool) -> bool:
        if self._mode == "never" or not item.url.startswith(("http://", "https://")):
            return False
        return self._mode == "always" or (alertable and bool(match.hits))
