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


def write(store: Store, ask: Request) -> Response:
    """/snooze · /snooze RULE 1h | today | 1w · /snooze off RULE or RULE off · /snooze off."""
    if not ask.words.split():
        return text(_listed(ask))
    words, off = without_off(ask.words)
    if off and not words:
        return text(_all_off(store, ask))
    name, _, last = (words, "", "") if off else words.rpartition(" ")
    whole = find_rule(ask.seeds, ask.words)
    rule = whole or find_rule(ask.seeds, name)
    if rule is None:
        known = ", ".join(list(ask.seeds.rules)[:40])
        return text(ask.say("no_rule", rule=words[:60], rules=known))
    if off and whole is None:
        change_settings(store, ask.known, {"snoozed": _others(ask, rule.id) or None})
        return text(ask.say("snooze_off", rule=rule.title_in(ask.lang)))
    end = None if whole else end_of(ask, last.lower())
    if end is None:
        return text(ask.say("snooze_ask"))
    snooze(store, ask, rule.id, end)
    return text(ask.say("snoozed_now", rule=rule.title_in(ask.lang), until=format_until(ask, end)))


def _all_off(store: Store, ask: Request) -> Markup:
    """Ends all snoozes."""
    snoozed = _others(ask, "")
    if not snoozed:
        return ask.say("snooze_none")
    change_settings(store, ask.known, {"snoozed": None})
    return ask.say("snooze_off", rule=", ".join(rule_title(ask, rule) for rule in snoozed))


def end_of(ask: Request, words: str) -> datetime | None:
    """Returns the end of "1h", "today" or "1w"; None for other words."""
    if words in {"today", "hôm-nay", "nay"}:
        tomorrow = local_date(ask.now, ask.settings.timezone) + timedelta(days=1)
        return first_instant_at(tomorrow, time(0), ask.settings.timezone)
    try:
        wait = parse_duration(words)
    except ValueError:
        return None
    return ask.now + min(wait, LONGEST) if wait else None


def snooze(store: Store, ask: Request, rule: str, end: datetime) -> None:
    """Stores the snooze and drops expired ones."""
    change_settings(store, ask.known, {"snoozed": _others(ask, rule) | {rule: iso(end)}})


def _others(ask: Request, rule: str) -> dict[str, str]:
    return {one: iso(end) for one, end in ask.settings.snoozed.items() if one != rule and end > ask.now}


def _listed(ask: Request) -> Markup:
    rows = [
        ask.say("snooze_line", rule=rule_title(ask, one), until=format_until(ask, end), id=one)
        for one, end in sorted(ask.settings.snoozed.items())
        if end > ask.now
    ]
    return join_lines([ask.say("snooze_head"), *rows]) if rows else ask.say("snooze_none")


COMMAND = Command(write=write, own=True)
