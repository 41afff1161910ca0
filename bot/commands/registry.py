"""Defines which module handles which command, button and conversation. Modules are imported on first use."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module

from bot.commands.command import Command
from bot.i18n.translate import DEFAULT, languages, t_plain

COMMANDS = (
    "latest", "search", "story", "timeline", "digest", "watch", "feeds", "mute", "snooze", "quiet", "digesttime", "language", "why",
    "status", "export", "invite", "forget", "help",
)  # fmt: skip
"""In the order shown to users."""

HIDDEN = ("start", "cancel")

KEYS = {
    **dict.fromkeys(("why", "more", "mute", "unmute", "snz", "snz1", "snzd", "snzw", "back"), "alert_buttons"),
    **dict.fromkeys(("fb", "fbn", "fbe", "fbx", "fbr", "fbp"), "feedback"),
    **dict.fromkeys(("hr", "hs"), "subscriptions"),
    "lang": "language",
    "forget": "forget",
    "w": "watch_dialogue",
    "f": "feeds_dialogue",
}
"""Action of a button → the module whose `KEYS` handles it."""


@cache
def command(name: str) -> Command | None:
    """Returns the command with this name, or None."""
    if name not in COMMANDS and name not in HIDDEN:
        return None
    handler: Command = import_module(f"bot.commands.{name}").COMMAND
    return handler


@cache
def key(action: str) -> Command | None:
    """Returns the handler of a button's action, or None."""
    if action not in KEYS:
        return None
    handler: Command = import_module(f"bot.commands.{KEYS[action]}").KEYS[action]
    return handler


@cache
def dialogue(kind: str) -> Command | None:
    """Returns the handler of the next message of an open conversation of this kind, or None."""
    if kind != "watch":
        return None
    handler: Command = import_module("bot.commands.watch_dialogue").DIALOGUE
    return handler


def menus() -> dict[str, dict[str, str]]:
    """For setMyCommands: by language ("" = everybody else), command → description."""
    return {"" if lang == DEFAULT else lang: {name: t_plain(lang, f"menu.{name}") for name in COMMANDS} for lang in languages()}


def warm_up() -> None:
    """Imports every command and matplotlib, so that the first /timeline is not slow."""
    for name in (*COMMANDS, *HIDDEN):
        command(name)
    for action in KEYS:
        key(action)
    with suppress(ImportError):  # the charts extra is not installed
        import_module("matplotlib.backends.backend_agg")
