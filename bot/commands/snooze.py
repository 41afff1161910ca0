"""Answers /snooze: a rule sends no alerts for a while; its hits are in the digest."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import find_rule, format_until, rule_title, without_off
from bot.durations import parse_duration
from bot.i18n.translate import Markup
from bot.local_time import first_instant_at, local_date
from bot.store import iso
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store

LONGEST = timedelta(days=365)


def write(store: Store, request: Request) -> Response:
    """/snooze · /snooze RULE 1h | today | 1w · /snooze off RULE or RULE off · /snooze off."""
    if not request.words.split():
        return text(_listed(request))
    words, off = without_off(request.words)
    if off and not words:
        return text(_all_off(store, request))
    name, _, last = (words, "", "") if off else words.rpartition(" ")
    whole = find_rule(request.seeds, request.words)
    rule = whole or find_rule(request.seeds, name)
    if rule is None:
        known = ", ".join(list(request.seeds.rules)[:40])
        return text(request.say("no_rule", rule=words[:60], rules=known))
    if off and whole is None:
        change_settings(store, request.known, {"snoozed": _others(request, rule.id) or None})
        return text(request.say("snooze_off", rule=rule.title_in(request.lang)))
    end = None if whole else end_of(request, last.lower())
    if end is None:
        return text(request.say("snooze_ask"))
    snooze(store, request, rule.id, end)
    return text(request.say("snoozed_now", rule=rule.title_in(request.lang), until=format_until(request, end)))


def _all_off(store: Store, request: Request) -> Markup:
    """Ends all snoozes."""
    snoozed = _others(request, "")
    if not snoozed:
        return request.say("snooze_none")
    change_settings(store, request.known, {"snoozed": None})
    return request.say("snooze_off", rule=", ".join(rule_title(request, rule) for rule in snoozed))


def end_of(request: Request, words: str) -> datetime | None:
    """Returns the end of "1h", "today" or "1w"; None for other words."""
    if words in {"today", "hôm-nay", "nay"}:
        tomorrow = local_date(request.now, request.settings.timezone) + timedelta(days=1)
        return first_instant_at(tomorrow, time(0), request.settings.timezone)
    try:
        wait = parse_duration(words)
    except ValueError:
        return None
    return request.now + min(wait, LONGEST) if wait else None


def snooze(store: Store, request: Request, rule: str, end: datetime) -> None:
    """Stores the snooze and drops expired ones."""
    change_settings(store, request.known, {"snoozed": _others(request, rule) | {rule: iso(end)}})


def _others(request: Request, rule: str) -> dict[str, str]:
    return {one: iso(end) for one, end in request.settings.snoozed.items() if one != rule and end > request.now}


def _listed(request: Request) -> Markup:
    rows = [
        request.say("snooze_line", rule=rule_title(request, one), until=format_until(request, end), id=one)
        for one, end in sorted(request.settings.snoozed.items())
        if end > request.now
    ]
    return join_lines([request.say("snooze_head"), *rows]) if rows else request.say("snooze_none")


COMMAND = Command(write=write, own=True)
