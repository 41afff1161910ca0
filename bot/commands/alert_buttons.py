"""Handles the buttons under alerts: why, more, mute, snooze. The story or rule a button refers to may have been deleted since."""

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
    """The response to a button whose story or rule no longer exists."""
    return Response(toast=t_plain(ask.lang, "old_button"), alarm=True, keys=())


def usual_keys(store: Store, ask: Request, hit: int) -> Rows | None:
    """Returns the buttons of the alert about this hit's story; None if the hit or story no longer exists."""
    key = find_hit(store, hit)
    story = read_story(store, key.story_id, ask.seeds) if key and key.story_id is not None else None
    if story is None:
        return None
    keys = alert_buttons(ask.services.secret, ask.lang, story=story.id, hit=hit, url=story.lead.url)
    if story.id in ask.settings.muted_stories:
        keys = (keys[0], (ask.key("button.unmute", "unmute", story.id), *keys[1][1:]))
    return keys


def why(store: Store, ask: Request) -> Response:
    """Sends the reasons as a new message."""
    return of_hit(store, ask, ask.callback.number) or too_old(ask)


def more(store: Store, ask: Request) -> Response:
    """Sends the complete story."""
    number = ask.callback.number
    if best_hit_id(store, number) is None:
        return too_old(ask)
    return shown(store, ask, number)


def mute(store: Store, ask: Request) -> Response:
    """Mutes or unmutes the story in this chat."""
    callback = ask.callback
    title = mute_story(store, ask, callback.number, muted=callback.action == "mute")
    if title is None:
        return too_old(ask)
    if callback.action == "unmute":
        return Response(toast=t_plain(ask.lang, "unmuted_now"), keys=_first_keys(store, ask, callback.number, muted=False))
    return Response(toast=t_plain(ask.lang, "muted_now", title=title[:80]), keys=_first_keys(store, ask, callback.number, muted=True))


def _first_keys(store: Store, ask: Request, story: int, *, muted: bool) -> Rows | None:
    """Returns the alert's buttons with mute or unmute toggled. The alert's own hit is unknown here; the best hit of the story gives the
    same buttons."""
    hit_id = best_hit_id(store, story)
    keys = None if hit_id is None else usual_keys(store, ask, hit_id)
    if keys is None:
        return None
    turned = ask.key("button.unmute", "unmute", story) if muted else ask.key("button.mute", "mute", story)
    return (keys[0], (turned, *keys[1][1:]))


def snooze_menu(store: Store, ask: Request) -> Response:
    """Shows the buttons for the duration."""
    hit = ask.callback.number
    if usual_keys(store, ask, hit) is None:
        return too_old(ask)
    times = (ask.key("button.hour", "snz1", hit), ask.key("button.today", "snzd", hit), ask.key("button.week", "snzw", hit))
    return Response(toast=t_plain(ask.lang, "snooze_pick"), keys=(times, (ask.key("button.back", "back", hit),)))


def snooze_for(store: Store, ask: Request) -> Response:
    """Snoozes the rule for the chosen duration."""
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
    """Shows the alert's buttons again."""
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
