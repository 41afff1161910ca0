"""Defines the table of commands and keys: which name is answered by which module. Modules are imported when they are first asked for."""

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
"""In the order that people see."""

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
"""Action of a key → the module whose `KEYS` answers it."""


@cache
def command(name: str) -> Command | None:
    """The command of that name, or None."""
    if name not in COMMANDS and name not in HIDDEN:
        return None
    found: Command = import_module(f"bot.commands.{name}").COMMAND
    return found


@cache
def key(action: str) -> Command | None:
    """What a pressed key of that action does, or None."""
    if action not in KEYS:
        return None
    found: Command = import_module(f"bot.commands.{KEYS[action]}").KEYS[action]
    return found


@cache
def dialogue(kind: str) -> Command | None:
    """What takes the next message of an open dialogue of that kind, or None."""
    if kind != "watch":
        return None
    found: Command = import_module("bot.commands.watch_dialogue").DIALOGUE
    return found


def menus() -> dict[str, dict[str, str]]:
    """For setMyCommands: by language ("" = everybody else), command → description."""
    return {"" if lang == DEFAULT else lang: {name: t_plain(lang, f"menu.{name}") for name in COMMANDS} for lang in languages()}


def warm_up() -> None:
    """Imports every command, and what draws pictures: the first /timeline would else take a second longer (measured: 1.3 against 0.3)."""
    for name in (*COMMANDS, *HIDDEN):
        command(name)
    for action in KEYS:
        key(action)
    with suppress(ImportError):  # the charts extra is not installed
        import_module("matplotlib.backends.backend_agg")
