"""Defines how feeds and looks at them are told: rows with their health for `feeds list`, results for `feeds check`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seeds.feeds import Feed
from watchers.models.polling import FeedState, PollResult
from watchers.state.feed_health import health
from watchers.state.websub import Subscription


def row_of(feed: Feed, state: FeedState | None, now: datetime, *, hub: Subscription | None = None) -> dict[str, Any]:
    """What `feeds list` tells of a feed; the keys are those of `--json`. Delays, rhythm and interval in seconds.

    `hub`: what was asked of its hub, if anything was.
    """
    state = state or FeedState()
    found = health(state, now)
    return {
        "url": feed.url,
        "name": feed.name,
        "kind": feed.kind,
        "lang": feed.lang,
        "condition": found.condition,
        "says": found.says,
        "last_ok_at": _time(state.last_ok_at),
        "last_new_at": _time(state.last_new_at),
        "next_poll_at": _time(state.next_poll_at),
        "interval": round(state.interval),
        "delay_median": found.median_delay,
        "delay_90": found.slow_delay,
        "rhythm": found.rhythm,
        "failures": state.failures,
        "moved_to": state.adopted or state.redirect_to,
        "hub": state.hub,
        "pushed_until": _time(hub.until) if hub is not None and hub.is_active(now) else None,
        "hub_state": hub.state if hub is not None else "",
        "hub_says": hub.error if hub is not None else "",
    }


def remarks(row: dict[str, Any]) -> str:
    """What else is to be said of a feed in a row of `row_of`: its trouble, else where it moved and what its hub does."""
    parts = (f"moved to {row['moved_to']}" if row["moved_to"] else "", _hub(row) if row["hub"] else "")
    return row["says"] or " · ".join(part for part in parts if part)


def _hub(row: dict[str, Any]) -> str:
    if row["hub_says"]:
        return f"WebSub: {row['hub_says']}"
    if row["pushed_until"]:
        return "WebSub, subscribed"
    stands = {"asked": "asked, not verified yet", "active": "the lease has ended", "denied": "denied"}.get(row["hub_state"])
    return f"WebSub, {stands}" if stands else "WebSub"


def checked(feed: Feed, look: PollResult) -> dict[str, Any]:
    """What `feeds check` tells of a look; the keys are those of `--json`."""
    newest = max((item.published for item in look.items if item.published), default=None)
    return {
        "url": feed.url,
        "name": feed.name,
        "ok": look.outcome != "failed",
        "error": f"{look.error.kind}: {look.error.problem}" if look.error else None,
        "items": len(look.items),
        "newest": _time(newest),
        "parser": look.parser,
        "hub": look.hub,
        "moved_to": look.redirect,
        "notes": list(look.notes),
    }


def checked_line(feed: Feed, look: PollResult) -> str:
    """The same as a line for a person."""
    if look.error:
        return f"✗ {feed.title}: {look.error.problem}"
    said = checked(feed, look)
    parts = [f"{said['items']} items", f"newest {said['newest']}" if said["newest"] else "no dates", *look.notes]
    if look.redirect:
        parts.append(f"moved to {look.redirect}")
    if look.hub:
        parts.append(f"WebSub at {look.hub}")
    return f"✓ {feed.title}: {', '.join(parts)}"


def _time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
