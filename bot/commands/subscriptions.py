"""Answers /watch here and its keys: which rules this chat is told of, and whether at once or in the digest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.commands.command import Command, ReplyMessage, Request, Response
from bot.i18n.translate import t_plain
from bot.message import Rows
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store

RULES = 90
"""Telegram takes 100 keys under a message."""
LABEL = 34


def tag(rule: str) -> str:
    """A rule's id as a key can carry it, however long it is."""
    return hashlib.sha256(rule.encode()).hexdigest()[:12]


def shown(ask: Request, rules: frozenset[str] | None = None, severity: str = "") -> ReplyMessage:
    """The question with its keys; `rules` and `severity` are what was chosen just now."""
    return ReplyMessage(ask.say("here_head"), _keys(ask, _chosen(ask) if rules is None else rules, severity or ask.settings.severity))


def _chosen(ask: Request) -> frozenset[str]:
    """The rules that the chat is told of; none chosen means all."""
    return frozenset(ask.settings.rules or ask.seeds.rules)


def _keys(ask: Request, rules: frozenset[str], severity: str) -> Rows:
    keys = [
        ask.named_key(f"{'✓' if one.id in rules else '·'} {one.title_in(ask.lang)}"[:LABEL], "hr", tag(one.id))
        for one in sorted(ask.seeds.rules.values(), key=lambda rule: rule.title_in(ask.lang))[:RULES]
    ]
    how = tuple(
        ask.named_key(("✓ " if severity == one else "") + t_plain(ask.lang, f"button.{one}"), "hs", one) for one in ("alert", "digest")
    )
    return (how, *(tuple(keys[at : at + 2]) for at in range(0, len(keys), 2)))


def rule_pressed(store: Store, ask: Request) -> Response:
    """One rule more or less."""
    rule = next((rule for rule in ask.seeds.rules if tag(rule) == ask.callback.argument), None)
    if rule is None:
        return Response(toast=t_plain(ask.lang, "old_button"), alarm=True)
    chosen = (_chosen(ask) & frozenset(ask.seeds.rules)) ^ {rule}
    if not chosen:
        return Response(toast=t_plain(ask.lang, "here_none"), alarm=True)
    change_settings(store, ask.known, {"rules": None if chosen >= frozenset(ask.seeds.rules) else sorted(chosen)})
    return Response(keys=shown(ask, rules=chosen).buttons)


def severity_pressed(store: Store, ask: Request) -> Response:
    """At once, or in the digest only."""
    severity = "digest" if ask.callback.argument == "digest" else "alert"
    change_settings(store, ask.known, {"severity": severity})
    return Response(keys=shown(ask, severity=severity).buttons)


KEYS = {"hr": Command(write=rule_pressed, own=True), "hs": Command(write=severity_pressed, own=True)}
