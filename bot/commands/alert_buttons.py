"""Answers the keys under alerts: why, more, mute, snooze. Whatever a key speaks of may be gone by the time it is pressed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alerts.buttons import alert_buttons
from bot.commands.command import Command, Request, Response
from bot.commands.lookup import format_until, rule_title
from bot.commands.mute import mute_story
from bot.commands.snooze import end_of, snooze
from bot.commands.story import shown
from bot.commands.why import of_hit
from bot.i18n.translate import t_plain
from bot.message import Rows
from bot.store.hits import best_hit_id, find_hit
from bot.stories.read import read_story

if TYPE_CHECKING:
    from bot.store import Store


def too_old(ask: Request) -> Response:
    """For a key whose matter is gone."""
    return Response(toast=t_plain(ask.lang, "old_button"), alarm=True, keys=())


def usual_keys(store: Store, ask: Request, hit: int) -> Rows | None:
    """The keys that stand under the alert of this hit's story; None when either is gone."""
    key = find_hit(store, hit)
    story = read_story(store, key.story_id, ask.seeds) if key and key.story_id is not None else None
    if story is None:
        return None
    keys = alert_buttons(ask.desk.secret, ask.lang, story=story.id, hit=hit, url=story.lead.url)
    if story.id in ask.settings.muted_stories:
        keys = (keys[0], (ask.key("button.unmute", "unmute", story.id), *keys[1][1:]))
    return keys


def why(store: Store, ask: Request) -> Response:
    """The reasons, as a message of its own."""
    return of_hit(store, ask, ask.callback.number) or too_old(ask)


def more(store: Store, ask: Request) -> Response:
    """The whole story."""
    number = ask.callback.number
    if best_hit_id(store, number) is None:
        return too_old(ask)
    return shown(store, ask, number)


def mute(store: Store, ask: Request) -> Response:
    """No more of this story here, or again."""
    callback = ask.callback
    title = mute_story(store, ask, callback.number, muted=callback.action == "mute")
    if title is None:
        return too_old(ask)
    if callback.action == "unmute":
        return Response(toast=t_plain(ask.lang, "unmuted_now"), keys=_first_keys(store, ask, callback.number, muted=False))
    return Response(toast=t_plain(ask.lang, "muted_now", title=title[:80]), keys=_first_keys(store, ask, callback.number, muted=True))


def _first_keys(store: Store, ask: Request, story: int, *, muted: bool) -> Rows | None:
    """The alert's keys with mute turned round. Which hit the alert named is not known here; any of the story's does as well."""
    hit_id = best_hit_id(store, story)
    keys = None if hit_id is None else usual_keys(store, ask, hit_id)
    if keys is None:
        return None
    turned = ask.key("button.unmute", "unmute", story) if muted else ask.key("button.mute", "mute", story)
    return (keys[0], (turned, *keys[1][1:]))


def snooze_menu(store: Store, ask: Request) -> Response:
    """For how long?"""
    hit = ask.callback.number
    if usual_keys(store, ask, hit) is None:
        return too_old(ask)
    times = (ask.key("button.hour", "snz1", hit), ask.key("button.today", "snzd", hit), ask.key("button.week", "snzw", hit))
    return Response(toast=t_plain(ask.lang, "snooze_pick"), keys=(times, (ask.key("button.back", "back", hit),)))


def snooze_for(store: Store, ask: Request) -> Response:
    """One of the times."""
    callback = ask.callback
    hit = find_hit(store, callback.number)
    if hit is None:
        return too_old(ask)
    chosen = {"snz1": "1h", "snzd": "today", "snzw": "7d"}[callback.action]
    end = end_of(ask, chosen) or ask.now + timedelta(hours=1)
    snooze(store, ask, hit.rule, end)
    said = t_plain(ask.lang, "snoozed_now", rule=rule_title(ask, hit.rule), until=format_until(ask, end))
    return Response(toast=said, keys=usual_keys(store, ask, callback.number))


def restore_keyboard(store: Store, ask: Request) -> Response:
    """The alert's keys again."""
    keys = usual_keys(store, ask, ask.callback.number)
    return Response(keys=keys) if keys is not None else too_old(ask)


KEYS = {
    "why": Command(read=why),
    "more": Command(read=more),
    "mute": Command(write=mute, own=True),
    "unmute": Command(write=mute, own=True),
    "snz": Command(read=snooze_menu),
    "snz1": Command(write=snooze_for, own=True),
    "snzd": Command(write=snooze_for, own=True),
    "snzw": Command(write=snooze_for, own=True),
    "back": Command(read=restore_keyboard),
}
