"""Defines GdeltWatcher: polls a query of GDELT's document API (mode artlist) like a feed.

The API is described at https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from seeds.feeds import Feed
from watchers.http.address_rules import MAX_URL
from watchers.http.conditional import ConditionalClient, hash_of, same_bytes
from watchers.http.host_limits import LargeBodySlot
from watchers.models.item import Item
from watchers.models.polling import FeedState, PollError, PollResult, ScheduleHints
from watchers.models.problem import Problem
from watchers.parsing.json_rows import JsonRows, parse_broken, parse_valid
from watchers.parsing.parse import NotAFeedError
from watchers.parsing.sandbox import ParseStoppedError, ParseWorkers
from watchers.sources.feed import is_cheap
from watchers.state.poll_schedule import header_hints, join_hints
from watchers.text.dates import parse_date, plausible_date
from watchers.text.html_text import line, sound
from watchers.text.language import language

UPDATED_EVERY = 900.0
"""Seconds. GDELT updates its index every 15 minutes."""

MAX_ROWS = 250
"""Rows read of a response: the API's limit of maxrecords."""

MAX_BYTES = 1_000_000
"""Bytes of a response; a full list has about 100 KB."""

_LANGUAGES = {"english": "en", "vietnamese": "vi"}
# GDELT's titles have blanks around every punctuation mark: "Apple ( AAPL ) the Winner , Says ..."
_BEFORE = re.compile(r"\s+([,.;:!?%)\]}…”’])")
_AFTER = re.compile(r"([(\[{$“‘])\s+")
_APOSTROPHE = re.compile(r"(?<=\w)\s+'\s*(?=(?:s|t|re|ve|ll|d|m)\b)")


@dataclass(frozen=True, slots=True)
class Articles:
    """The items of a response; `notes` are warnings about rows that could not be read."""

    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()


class GdeltWatcher:
    """Polls article lists of GDELT."""

    def __init__(self, client: ConditionalClient, workers: ParseWorkers) -> None:
        """A cheap response is parsed on the event loop, any other in `workers`."""
        self._client, self._workers = client, workers

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Sends the query once."""
        with self._client.large_body_slot() as body_slot:
            return await self._poll(feed, state, now, body_slot)

    async def _poll(self, feed: Feed, state: FeedState, now: datetime, body_slot: LargeBodySlot) -> PollResult:
        url = article_list(feed.url)
        answer = await self._client.fetch_feed(feed, state, now, url=url, accept="application/json,*/*;q=0.1", body_slot=body_slot)
        if isinstance(answer, PollResult):
            return answer
        body_hash = hash_of(answer.body)
        if body_hash == state.body_hash:
            return same_bytes(answer, body_hash, now)
        if len(answer.body) > MAX_BYTES:
            return PollResult("failed", error=PollError("too_large", Problem("too_large.gdelt", {"bytes": f"{MAX_BYTES:,}"})))
        try:
            if is_cheap(answer.body) and (rows := _valid_rows(answer.body)) is not None:
                articles = _articles(rows, feed, now)
            else:
                articles = await self._workers.run(read_articles, answer.body, feed, now)
            keys = await self._workers.identify(articles.items)
        except NotAFeedError as error:
            return PollResult("failed", error=PollError("not_a_feed", error.problem))
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem))
        return PollResult(
            "items",
            items=articles.items,
            keys=keys,
            body_hash=body_hash,
            hints=join_hints(header_hints(answer.headers, now), ScheduleHints(floor=UPDATED_EVERY)),
            size=len(answer.body),
            parser="gdelt",
            notes=articles.notes,
        )


def article_list(url: str) -> str:
    """Returns `url` with the parameters for a JSON list of the newest articles. Parameters in `url` are kept."""
    present = parse_qs(urlsplit(url).query)
    defaults = {"mode": "artlist", "format": "json", "maxrecords": "250", "sort": "datedesc"}
    extra = "&".join(f"{name}={value}" for name, value in defaults.items() if name not in present)
    return url + ("&" if "?" in url else "?") + extra if extra else url


def read_articles(body: bytes, feed: Feed, now: datetime) -> Articles:
    """Parses a response. Broken strings are repaired, and a row that cannot be read is skipped.

    Raises NotAFeedError with GDELT's error message, which it sends as plain text with status 200.
    """
    text = _text(body)
    if not text.startswith("{"):
        words = line(text, 160)
        raise NotAFeedError(Problem("not_a_list.words", {"words": words}) if words else Problem("not_a_list.empty"))
    rows = _valid_rows(body) or parse_broken(text, "articles")
    if rows is None:
        raise NotAFeedError(Problem("not_a_list"))
    if rows.lost and not rows.rows:
        raise NotAFeedError(Problem("not_a_list.broken_json"))
    return _articles(rows, feed, now)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace").strip()


def _valid_rows(body: bytes) -> JsonRows | None:
    return parse_valid(_text(body), "articles")


def _articles(rows: JsonRows, feed: Feed, now: datetime) -> Articles:
    items = (_item(row, feed, now) for row in rows.rows[:MAX_ROWS] if isinstance(row, dict))
    notes = (f"{rows.lost} of {len(rows.rows) + rows.lost} articles are broken JSON",) if rows.lost else ()
    return Articles(tuple(item for item in items if item), notes)


def _item(row: dict[str, Any], feed: Feed, now: datetime) -> Item | None:
    url, title = sound(str(row.get("url") or "").strip(), MAX_URL), tidy(line(str(row.get("title") or "")))
    if not url.startswith(("http://", "https://")) or not title:
        return None
    declared = _LANGUAGES.get(str(row.get("language") or "").lower(), "")
    return Item(
        feed=feed.url,
        url=url,
        title=title,
        lang=language(title, configured=declared or feed.lang),
        published=plausible_date(parse_date(str(row.get("seendate") or "")), now),
        source=line(str(row.get("domain") or ""), 200),
    )


def tidy(title: str) -> str:
    """Removes the blanks that GDELT's tokenizer puts around punctuation marks."""
    title = _APOSTROPHE.sub("'", title)
    return _AFTER.sub(r"\1", _BEFORE.sub(r"\1", title))
