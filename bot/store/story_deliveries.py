"""Defines StoryDeliveryState: what each chat was told about a story so far, and how many alerts it got, read from `deliveries`. Reading
only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.store.store import from_iso, iso

if TYPE_CHECKING:
    from bot.store import Store


@dataclass(frozen=True, slots=True)
class StoryDeliveryState:
    """What a chat was told about a story."""

    chat: str
    state: str
    held: str | None
    rule: str | None = None
    """The rule that the alert, or its latest edit, names; None where an older version wrote it."""
    content_hash: str | None = None
    """Of the alert, or of its latest edit (`bot.render.story.content_hash`)."""
    in_digest: bool = False
    """True when a written digest stands for it."""
    edit_key: str | None = None
    """Key of the latest edit of the alert, or None."""
    edit_open: bool = False
    """True when that edit was not sent yet."""
    edited_at: datetime | None = None
    """When the latest edit was due."""
    edits: int = 0
    """How many edits were written so far."""
    follow_ups: int = 0
    """How many follow-ups."""


def told_about(store: Store, story: int) -> dict[str, StoryDeliveryState]:
    """What each chat was told about the story, by chat."""
    rows = list(
        store.conn.execute(
            "SELECT chat, kind, key, state, held, due_at, rule, content_hash, in_digest FROM deliveries "
            "WHERE story = ? AND kind IN ('alert', 'edit', 'news') ORDER BY id",
            [story],
        )
    )
    first = {row["chat"]: row for row in rows if row["kind"] == "alert"}
    answer: dict[str, StoryDeliveryState] = {}
    for chat, row in first.items():
        edits = [one for one in rows if one["chat"] == chat and one["kind"] == "edit"]
        latest = edits[-1] if edits else None
        answer[chat] = StoryDeliveryState(
            chat=chat,
            state=row["state"],
            held=row["held"],
            rule=(latest or row)["rule"],
            content_hash=(latest or row)["content_hash"],
            in_digest=row["in_digest"] is not None,
            edit_key=None if latest is None else latest["key"],
            edit_open=latest is not None and latest["state"] in {"waiting", "uncertain"},
            edited_at=None if latest is None else from_iso(latest["due_at"]),
            edits=len(edits),
            follow_ups=sum(one["chat"] == chat and one["kind"] == "news" for one in rows),
        )
    return answer


def alerts_since(store: Store, since: datetime, now: datetime, *, but_story: int | None = None) -> dict[str, int]:
    """How many alerts and follow-ups were let through to each chat since then, by chat (those of one story left out). Those written by a
    clock that was ahead of `now` do not count: set back, it would hold everything until it is there again."""
    rows = store.conn.execute(
        "SELECT chat, count(*) AS n FROM deliveries WHERE kind IN ('alert', 'news') AND held IS NULL AND created_at > ? "
        "AND created_at <= ? AND story IS NOT ? GROUP BY chat",
        [iso(since), iso(now), but_story],
    )
    return {row["chat"]: row["n"] for row in rows}
