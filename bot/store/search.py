"""Defines full-text search over items: with or without accents, đ as d, filled a batch at a time.

`bot.store.search_index` says what the index holds.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from bot.store.items import ITEM_TIME
from bot.store.outlets import OUTLET
from bot.store.search_index import DROP, FILL, fold
from bot.store.store import Store, iso

MANY = 1000
"""Items indexed in one transaction during a pass (some 20 ms): larger portions make fewer segments to merge, visits wait the longer."""

_INDEXED = "search.indexed"


_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_PHRASE = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An item that the query found, the best first."""

    item: int
    title: str
    url: str
    outlet: str
    """Who published it (`bot.store.outlets`)."""
    feed: str
    lang: str
    published_at: str | None
    first_seen_at: str
    at: str | None
    """Its time, as `item_time` says it; None where nobody knows."""
    rules: tuple[str, ...]
    """The rules that it hit."""
    text: str
    """Its text, or its summary where it has none."""
    story_id: int | None
    """The story that it belongs to, or None."""


def fill(store: Store, limit: int = 500, *, at_least: int = 1) -> int:
    """Indexes up to `limit` of the items that are not indexed yet, in one transaction; gives how many there were, 0 where they are fewer
    than `at_least`."""
    with store.atomic():
        done = int(store.fact(_INDEXED) or 0)
        count, last = store.conn.execute(
            "SELECT count(*), max(id) FROM (SELECT id FROM items WHERE id > ? ORDER BY id LIMIT ?)", (done, limit)
        ).fetchone()
        if count < max(1, at_least):
            return 0
        store.conn.execute(FILL, (done, last))
        store.set_fact(_INDEXED, str(last))
    return int(count)


def drop(store: Store, items: list[int]) -> None:
    """Takes items out of the index; they must still stand in `items`."""
    done = int(store.fact(_INDEXED) or 0)
    store.conn.executemany(DROP, [(number,) for number in items if number <= done])


def search(
    store: Store, query: str, *, since: datetime | None = None, entity: str = "", event: str = "", limit: int = 50
) -> list[SearchResult]:
    """The items in which all words of `query` stand (words in quotes as a phrase, `word*` as a beginning), the best first.

    No query can be a syntax error. An empty one gives the newest items that the other conditions leave, those without a time last;
    `since` leaves these out. Items that are not indexed yet are found after the next `fill`.
    """
    asked = _asked(query, since, entity, event)
    if asked is None:
        return []
    source, where, values = asked
    # A word in the title says more than one in the body; ten times is what FTS5's own examples use.
    order = "bm25(search, 10.0, 1.0), items.id DESC" if "MATCH" in where else f"{ITEM_TIME} DESC, items.id DESC"
    # The ids alone first: SQLite would read and sort the texts of all that is found.
    ids = [row[0] for row in store.conn.execute(f"SELECT items.id FROM {source} {where} ORDER BY {order} LIMIT ?", (*values, limit))]  # noqa: S608
    sql = (
        "SELECT items.id, items.title, items.url, items.feed, items.lang, items.published_at, items.first_seen_at, "  # noqa: S608
        f"{ITEM_TIME} AS at, {OUTLET} AS outlet, "
        "(SELECT group_concat(rule, char(31)) FROM hits WHERE hits.item = items.id) AS rules, "
        "(SELECT story FROM hits WHERE hits.item = items.id AND story IS NOT NULL LIMIT 1) AS story, "
        "CASE items.text WHEN '' THEN items.summary ELSE items.text END AS text "
        "FROM items WHERE items.id IN (SELECT value FROM json_each(?))"
    )
    results = {
        row["id"]: SearchResult(
            item=row["id"], title=row["title"], url=row["url"], outlet=row["outlet"], feed=row["feed"], lang=row["lang"],
            published_at=row["published_at"], first_seen_at=row["first_seen_at"], at=row["at"],
            rules=tuple(sorted(row["rules"].split("\x1f"))) if row["rules"] else (), text=row["text"],
            story_id=row["story"],
        )
        for row in store.conn.execute(sql, (json.dumps(ids),))
    }  # fmt: skip
    return [results[number] for number in ids if number in results]


def count_found(store: Store, query: str, *, since: datetime | None = None, entity: str = "", event: str = "") -> int:
    """How many items `search` would find without a limit."""
    asked = _asked(query, since, entity, event)
    if asked is None:
        return 0
    source, where, values = asked
    return int(store.conn.execute(f"SELECT count(*) FROM {source} {where}", values).fetchone()[0])  # noqa: S608


def _asked(query: str, since: datetime | None, entity: str, event: str) -> tuple[str, str, list[str]] | None:
    """What follows FROM, the WHERE clause and its values; None where the query has no word that could be found."""
    wanted = fts_query(query)
    if query.strip() and not wanted:
        return None
    where, values = [], []
    if wanted:
        where.append("search MATCH ?")
        values.append(wanted)
    if since is not None:
        where.append(f"{ITEM_TIME} >= ?")
        values.append(iso(since))
    if entity:
        where.append("items.id IN (SELECT item FROM mentions WHERE entity = ? OR part_of = ?)")
        values += [entity, entity]
    if event:
        where.append("items.id IN (SELECT item FROM events WHERE type = ?)")
        values.append(event)
    source = "search JOIN items ON items.id = search.rowid" if wanted else "items"
    return source, f"WHERE {' AND '.join(where)}" if where else "", values


def fts_query(query: str) -> str:
    """`query` as FTS5 reads it without ever failing: every word a quoted string, phrases kept, a last `*` as a prefix; "" for no words."""
    parts = []
    for phrase, word in _PHRASE.findall(query):
        words = _WORD.findall(fold(unicodedata.normalize("NFC", phrase or word)))
        if words:
            prefix = "*" if word.endswith("*") else ""
            parts.append('"' + " ".join(words) + '"' + prefix)
    return " AND ".join(parts)
