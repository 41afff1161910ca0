"""Answers /watch here and its buttons: which rules this chat follows, and whether their hits cause alerts or only digest entries."""

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
"""Telegram allows 100 buttons per message."""
LABEL = 34


def tag(rule: str) -> str:
    """Returns a short form of the rule's id that fits into callback data."""
    return hashlib.sha256(rule.encode()).hexdigest()[:12]


def shown(request: Request, rules: frozenset[str] | None = None, severity: str = "") -> ReplyMessage:
    """Returns the question with its buttons; `rules` and `severity` are the current choice."""
    return ReplyMessage(
        request.say("here_head"), _keys(request, _chosen(request) if rules is None else rules, severity or request.settings.severity)
    )


def _chosen(request: Request) -> frozenset[str]:
    """Returns the rules that the chat follows; an empty choice means all."""
    return frozenset(request.settings.rules or request.seeds.rules)


def _keys(request: Request, rules: frozenset[str], severity: str) -> Rows:
    keys = [
        request.named_key(f"{'✓' if one.id in rules else '·'} {one.title_in(request.lang)}"[:LABEL], "hr", tag(one.id))
        for one in sorted(request.seeds.rules.values(), key=lambda rule: rule.title_in(request.lang))[:RULES]
    ]
    how = tuple(
        request.named_key(("✓ " if severity == one else "") + t_plain(request.lang, f"button.{one}"), "hs", one)
        for one in ("alert", "digest")
    )
    return (how, *(tuple(keys[at : at + 2]) for at in range(0, len(keys), 2)))


def rule_pressed(store: Store, request: Request) -> Response:
    """Toggles the subscription of this chat to one rule."""
    rule = next((rule for rule in request.seeds.rules if tag(rule) == request.callback.argument), None)
    if rule is None:
        return Response(toast=t_plain(request.lang, "old_button"), alarm=True)
    chosen = (_chosen(request) & frozenset(request.seeds.rules)) ^ {rule}
    if not chosen:
        return Response(toast=t_plain(request.lang, "here_none"), alarm=True)
    change_settings(store, request.known, {"rules": None if chosen >= frozenset(request.seeds.rules) else sorted(chosen)})
    return Response(keys=shown(request, rules=chosen).buttons)


def severity_pressed(store: Store, request: Request) -> Response:
    """Chooses alerts or digest only."""
    severity = "digest" if request.callback.argument == "digest" else "alert"
    change_settings(store, request.known, {"severity": severity})
    return Response(keys=shown(request, severity=severity).buttons)


KEYS = {"hr": Command(write=rule_pressed, own=True), "hs": Command(write=severity_pressed, own=True)}
