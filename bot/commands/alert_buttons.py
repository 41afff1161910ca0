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


def too_old(request: Request) -> Response:
    """The response to a button whose story or rule no longer exists."""
    return Response(toast=t_plain(request.lang, "old_button"), alarm=True, keys=())


def usual_keys(store: Store, request: Request, hit: int) -> Rows | None:
    """Returns the buttons of the alert about this hit's story; None if the hit or story no longer exists."""
    key = find_hit(store, hit)
    story = read_story(store, key.story_id, request.seeds) if key and key.story_id is not None else None
    if story is None:
        return None
    keys = alert_buttons(request.services.secret, request.lang, story=story.id, hit=hit, url=story.lead.url)
    if story.id in request.settings.muted_stories:
        keys = (keys[0], (request.key("button.unmute", "unmute", story.id), *keys[1][1:]))
    return keys


def why(store: Store, request: Request) -> Response:
    """Sends the reasons as a new message."""
    return of_hit(store, request, request.callback.number) or too_old(request)


def more(store: Store, request: Request) -> Response:
    """Sends the complete story."""
    number = request.callback.number
    if best_hit_id(store, number) is None:
        return too_old(request)
    return shown(store, request, number)


def mute(store: Store, request: Request) -> Response:
    """Mutes or unmutes the story in this chat."""
    callback = request.callback
    title = mute_story(store, request, callback.number, muted=callback.action == "mute")
    if title is None:
        return too_old(request)
    if callback.action == "unmute":
        return Response(toast=t_plain(request.lang, "unmuted_now"), keys=_first_keys(store, request, callback.number, muted=False))
    return Response(
        toast=t_plain(request.lang, "muted_now", title=title[:80]), keys=_first_keys(store, request, callback.number, muted=True)
    )


def _first_keys(store: Store, request: Request, story: int, *, muted: bool) -> Rows | None:
    """Returns the alert's buttons with mute or unmute toggled. The alert's own hit is unknown here; the best hit of the story gives the
    same buttons."""
    hit_id = best_hit_id(store, story)
    keys = None if hit_id is None else usual_keys(store, request, hit_id)
    if keys is None:
        return None
    turned = request.key("button.unmute", "unmute", story) if muted else request.key("button.mute", "mute", story)
    return (keys[0], (turned, *keys[1][1:]))


def snooze_menu(store: Store, request: Request) -> Response:
    """Shows the buttons for the duration."""
    hit = request.callback.number
    if usual_keys(store, request, hit) is None:
        return too_old(request)
    times = (request.key("button.hour", "snz1", hit), request.key("button.today", "snzd", hit), request.key("button.week", "snzw", hit))
    return Response(toast=t_plain(request.lang, "snooze_pick"), keys=(times, (request.key("button.back", "back", hit),)))


def snooze_for(store: Store, request: Request) -> Response:
    """Snoozes the rule for the chosen duration."""
    callback = request.callback
    hit = find_hit(store, callback.number)
    if hit is None:
        return too_old(request)
    chosen = {"snz1": "1h", "snzd": "today", "snzw": "7d"}[callback.action]
    end = end_of(request, chosen) or request.now + timedelta(hours=1)
    snooze(store, request, hit.rule, end)
    said = t_plain(request.lang, "snoozed_now", rule=rule_title(request, hit.rule), until=format_until(request, end))
    return Response(toast=said, keys=usual_keys(store, request, callback.number))


def restore_keyboard(store: Store, request: Request) -> Response:
    """Shows the alert's buttons again."""
    keys = usual_keys(store, request, request.callback.number)
    return Response(keys=keys) if keys is not None else too_old(request)


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
