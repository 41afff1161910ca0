"""Defines how a chat is paired: with codes that work once and limited attempts, or because the configuration allows it.

A code is shown only to the owner (in the terminal of `run` or an admin's chat); the database stores its hash. A wrong code gets no answer,
so that strangers cannot find out that the bot is active.
"""

from __future__ import annotations

import hashlib
import json
import secrets as chance
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import structlog

from bot.store import from_iso, iso
from bot.store.chats import add_chat, change_settings, read_chat, read_chats
from bot.store.secrets import read_secrets, take_secret, write_secret

if TYPE_CHECKING:
    from bot.config import Config
    from bot.store import Store
    from bot.store.chats import Chat, ChatSettings

log = structlog.get_logger(__name__)

Role = Literal["admin", "reader"]

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8
"""32^8 codes: with ATTEMPTS_BY_ALL an hour a guess in a thousand years."""
ATTEMPTS, ATTEMPTS_BY_ALL = 5, 30
"""Wrong codes within an hour, per chat and in total. Above the limit even the right code is rejected."""
WINDOW = timedelta(hours=1)
INVITED = timedelta(hours=1)
_TRIES = "pairing.attempts"
_PREFIX = "pairing:"


def create_code(store: Store, role: Role, now: datetime, *, lasts: timedelta | None = None) -> str:
    """Creates a code; call it in a transaction. `lasts` None: valid until used or replaced. A new admin code replaces earlier admin codes.
    """
    if role == "admin":
        for name, invitation in read_secrets(store, _PREFIX).items():
            if json.loads(invitation)["role"] == "admin":
                take_secret(store, name)
    code = "".join(chance.choice(ALPHABET) for _ in range(LENGTH))
    value = {"role": role, "until": iso(now + lasts) if lasts else None}
    write_secret(store, _name(code), json.dumps(value), now)
    return code


def code_for_first_chat(store: Store, defaults: ChatSettings, config: Config, now: datetime) -> str | None:
    """Returns the code that `run` prints while no Telegram chat is paired or there is no admin; else None."""
    known = config.chat.telegram.allowed_chats or any(_is_telegram(chat) for chat in read_chats(store, defaults, state=None))
    return None if known and has_admin(store, defaults, config) else create_code(store, "admin", now)


def has_admin(store: Store, defaults: ChatSettings, config: Config, *, without: Iterable[str] = ()) -> bool:
    """Whether there is an admin: a user named in the configuration, or an admin chat (except those in `without`)."""
    telegram = config.chat.telegram
    if telegram.admins or any(f"telegram:{person}" not in without for person in telegram.allowed_chats if is_person(person)):
        return True
    chats = read_chats(store, defaults, state=None)
    return any(_is_telegram(chat) and chat.settings.role == "admin" and chat.id not in without for chat in chats)


def is_person(allowed: int | str) -> bool:
    """Whether a configured chat is a private chat: groups and channels have negative ids or names."""
    return isinstance(allowed, int) and allowed > 0


def _is_telegram(chat: Chat) -> bool:
    return chat.kind == "telegram"


def redeem(store: Store, chat: str, code: str, now: datetime) -> Role | None:
    """Uses up the code and returns the role it gives; None if it is wrong, expired, or after too many attempts."""
    tries = [(when, who) for when, who in json.loads(store.fact(_TRIES) or "[]") if now - from_iso(when) < WINDOW]
    mine = sum(who == chat for _, who in tries)
    if mine >= ATTEMPTS or len(tries) >= ATTEMPTS_BY_ALL:
        log.warning("pairing refused", chat=chat, reason="too many attempts")
        return None
    value = take_secret(store, _name(code.strip().upper()))
    if value is not None:
        found: dict[str, Any] = json.loads(value)
        if found["until"] is None or from_iso(found["until"]) > now:
            log.info("paired", chat=chat, role=found["role"])
            return "admin" if found["role"] == "admin" else "reader"
    store.set_fact(_TRIES, json.dumps([*tries, (iso(now), chat)]))
    log.warning("pairing refused", chat=chat, reason="wrong code")
    return None


def pair_chat(store: Store, chat: str, *, role: Role, title: str = "", language: str = "") -> None:
    """Adds the chat or activates it again; never lowers its role."""
    settings = {"role": role} | ({"language": language} if language else {})
    add_chat(store, chat, title=title, settings=settings)
    if role == "admin":
        change_settings(store, chat, {"role": "admin"})


def subscribe_allowed(store: Store, defaults: ChatSettings, config: Config) -> int:
    """At start: adds the chats of the configuration, private chats as admins; returns the number of new ones."""
    new = 0
    for one in config.chat.telegram.allowed_chats:
        chat = f"telegram:{one}"
        if read_chat(store, chat, defaults) is None:
            pair_chat(store, chat, role="admin" if is_person(one) else "reader", title=str(one))
            new += 1
    return new


def _name(code: str) -> str:
    return f"{_PREFIX}{hashlib.sha256(code.encode()).hexdigest()}"
