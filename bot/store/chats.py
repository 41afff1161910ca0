"""Defines Chat and ChatSettings and how they stand in the table `chats`: who receives messages, and what each wants.

What a chat's settings leave out comes from the configuration, so a changed config.toml reaches every chat that did not choose for itself.
Unknown settings are kept as they are: the chat commands keep theirs in the same object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Literal

from bot.local_time import QuietHours, parse_clock, parse_quiet_hours, zone
from bot.message import Message
from bot.store.store import iso

if TYPE_CHECKING:
    from bot.config import Config
    from bot.store import Store

State = Literal["active", "gone"]
"""active: messages go there. gone: blocked, kicked, deleted or closed; settings are kept, nothing is written for it."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What one chat wants, defaults filled in."""

    language: str = "en"
    """Code of a language (ISO 639). One without a file in `bot/i18n` is shown in English."""
    timezone: str = "Asia/Ho_Chi_Minh"
    digest_at: time = time(8)
    quiet_hours: QuietHours | None = None
    max_per_hour: int = 20
    """Alerts in any hour; what is over it goes to the digest. 0: no alerts at all."""
    rules: tuple[str, ...] = ()
    """Only hits of these rules; empty: of all."""
    severity: Literal["alert", "digest"] = "alert"
    """alert: a rule's own severity decides; digest: everything goes to the digest, nothing alerts."""
    muted_stories: frozenset[int] = frozenset()
    muted_entities: frozenset[str] = frozenset()
    snoozed: Mapping[str, datetime] = field(default_factory=dict)
    """Rule id → until when (UTC) it does not alert this chat."""
    send: frozenset[str] = frozenset({"alert", "digest"})
    role: str = "reader"
    """"admin" or "reader"."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A row of `chats`."""

    id: str
    kind: str
    title: str
    state: State
    raw: Mapping[str, Any]
    """The settings as stored."""
    settings: ChatSettings


def default_settings(config: Config) -> ChatSettings:
    """What a chat that chose nothing gets: the configuration's values."""
    return read_settings(
        {
            "timezone": config.digest.timezone,
            "digest_at": config.digest.at,
            "quiet_hours": config.alerts.quiet_hours,
            "max_per_hour": config.alerts.max_per_hour,
        },
        ChatSettings(),
    )


def read_settings(raw: Mapping[str, Any], defaults: ChatSettings) -> ChatSettings:
    """Settings from a chat's JSON over the defaults. A value that cannot be read counts as left out: a chat never breaks a delivery."""

    def take(key: str, read: Any, default: Any) -> Any:
        if raw.get(key) is None:
            return default
        try:
            return read(raw[key])
        except (ValueError, TypeError, AttributeError):
            return default

    return ChatSettings(
        language=take("language", _language, defaults.language),
        timezone=take("timezone", lambda name: zone(str(name)).key, defaults.timezone),
        digest_at=take("digest_at", lambda at: at if isinstance(at, time) else parse_clock(at), defaults.digest_at),
        quiet_hours=take("quiet_hours", _quiet_hours, defaults.quiet_hours),
        max_per_hour=take("max_per_hour", int, defaults.max_per_hour),
        rules=take("rules", lambda names: tuple(_names(names)), defaults.rules),
        severity=take("severity", _one_of("alert", "digest"), defaults.severity),
        muted_stories=take("muted_stories", lambda ids: frozenset(int(one) for one in ids), defaults.muted_stories),
        muted_entities=take("muted_entities", lambda names: frozenset(_names(names)), defaults.muted_entities),
        snoozed=take("snoozed", lambda all_: {rule: _instant(until) for rule, until in all_.items()}, defaults.snoozed),
        send=take("send", lambda names: frozenset(_names(names)), defaults.send),
        role=take("role", str, defaults.role),
    )


def add_chat(
    store: Store, chat_id: str, *, title: str = "", settings: Mapping[str, Any] | None = None, now: datetime | None = None
) -> None:  # fmt: skip
    """Adds the chat, or takes it up again when it was gone; its stored settings win over `settings`, which are for a new one."""
    store.conn.execute(
        "INSERT INTO chats (id, kind, title, state, settings, created_at) VALUES (?, ?, ?, 'active', ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET state = 'active', error = NULL, title = CASE WHEN excluded.title = '' THEN title ELSE excluded.title END",
        [chat_id, chat_id.partition(":")[0], title, json.dumps(dict(settings or {}), ensure_ascii=False), iso(now) if now else None],
    )


def change_settings(store: Store, chat_id: str, changes: Mapping[str, Any]) -> None:
    """Sets these keys of the chat's settings; a value of None takes the key out, so that the default counts again."""
    with store.atomic():
        row = store.conn.execute("SELECT settings FROM chats WHERE id = ?", [chat_id]).fetchone()
        if row is None:
            raise LookupError(f"no chat {chat_id!r}")
        raw = {**_object(row["settings"]), **changes}
        kept = {key: value for key, value in raw.items() if value is not None}
        store.conn.execute("UPDATE chats SET settings = ? WHERE id = ?", [json.dumps(kept, ensure_ascii=False), chat_id])


def set_state(store: Store, chat_id: str, state: State, *, error: str | None = None) -> None:
    """Marks the chat active or gone; `error` says why it is gone."""
    store.conn.execute("UPDATE chats SET state = ?, error = ? WHERE id = ?", [state, error, chat_id])


def add_configured(store: Store, config: Config, kind: Literal["console", "telegram"], now: datetime) -> None:
    """Makes the chats that config.toml names stand in the table: the terminal, allowed Telegram chats, other services.

    `kind` is where messages go now. A chat that the configuration no longer names (terminal, other service) is set aside; Telegram chats
    are not touched once they are there: they are paired, left and changed from the chat.
    """
    with store.atomic():
        wanted: dict[str, dict[str, Any]] = {f"also:{section.url_env}": {"send": list(section.send)} for section in config.chat.also}
        if kind == "console":
            wanted["console"] = {}
        for row in list(store.conn.execute("SELECT id FROM chats WHERE kind IN ('console', 'also') AND state = 'active'")):
            if row["id"] not in wanted:
                set_state(store, row["id"], "gone", error="not in the configuration")
        for chat, settings in wanted.items():
            add_chat(store, chat, settings=settings, now=now)
            if settings:
                change_settings(store, chat, settings)
        for number in config.chat.telegram.allowed_chats if kind == "telegram" else ():
            if read_chat(store, f"telegram:{number}", ChatSettings()) is None:
                add_chat(store, f"telegram:{number}", now=now)


def remove_chat(store: Store, chat_id: str) -> None:
    """Forgets the chat and everything that was written for it."""
    with store.atomic():
        store.conn.execute("DELETE FROM deliveries WHERE chat = ?", [chat_id])
        store.conn.execute("DELETE FROM digests WHERE chat = ?", [chat_id])
        store.conn.execute("DELETE FROM chats WHERE id = ?", [chat_id])


def forget_chat(store: Store, chat_id: str) -> None:
    """Removes everything about the chat: settings, messages, feedback, conversations, the updates it sent."""
    remove_chat(store, chat_id)
    for table in ("labels", "dialogues", "updates"):
        store.conn.execute(f"DELETE FROM {table} WHERE chat = ?", (chat_id,))  # noqa: S608  (names of this line)


def with_topics(store: Store, chat_id: str) -> list[str]:
    """The ids of the chat and its topics, as far as they are stored."""
    rows = store.conn.execute("SELECT id FROM chats WHERE id = ? OR substr(id, 1, ?) = ?", (chat_id, len(chat_id) + 1, f"{chat_id}/"))
    return [str(row["id"]) for row in rows]


_UNSENT = "SELECT id, body FROM deliveries WHERE chat = ? AND state IN ('waiting', 'sending', 'uncertain')"


def move_chat(store: Store, old: str, new: str) -> None:
    """The chat has another id now (a group became a supergroup): its settings, what waits and what was sent move along.

    Ids of messages that were sent under the old id mean nothing under the new one, so nothing can be edited or answered there any more.
    """
    with store.atomic():
        settings = store.conn.execute("SELECT * FROM chats WHERE id = ?", [old]).fetchone()
        if settings is None:
            return
        store.conn.execute(
            "INSERT INTO chats (id, kind, title, state, settings, created_at) VALUES (?, ?, ?, 'active', ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET state = 'active'",
            [new, settings["kind"], settings["title"], settings["settings"], settings["created_at"]],
        )
        for row in store.conn.execute(_UNSENT, [old]).fetchall():
            store.conn.execute("UPDATE deliveries SET body = ? WHERE id = ?", [_moved(row["body"], new), row["id"]])
        store.conn.execute("UPDATE deliveries SET message_id = '' WHERE chat = ? AND message_id IS NOT NULL", [old])
        store.conn.execute("UPDATE OR IGNORE deliveries SET chat = ? WHERE chat = ?", [new, old])
        store.conn.execute("UPDATE OR IGNORE digests SET chat = ? WHERE chat = ?", [new, old])
        store.conn.execute("DELETE FROM deliveries WHERE chat = ?", [old])
        store.conn.execute("DELETE FROM digests WHERE chat = ?", [old])
        store.conn.execute("DELETE FROM chats WHERE id = ?", [old])


def _moved(body: str, new: str) -> str:
    try:
        return replace(Message.from_json(body), chat=new).to_json()
    except ValueError:
        return body


def read_chat(store: Store, chat_id: str, defaults: ChatSettings) -> Chat | None:
    """The chat of that id, or None."""
    row = store.conn.execute("SELECT id, kind, title, state, settings FROM chats WHERE id = ?", [chat_id]).fetchone()
    return None if row is None else _chat(row, defaults)


def read_chats(store: Store, defaults: ChatSettings, *, state: State | None = "active") -> tuple[Chat, ...]:
    """All chats in that state (None: in any), in the order of their ids."""
    where = "" if state is None else "WHERE state = ?"
    sql = f"SELECT id, kind, title, state, settings FROM chats {where} ORDER BY id"  # noqa: S608  (no value stands in the text)
    return tuple(_chat(row, defaults) for row in store.conn.execute(sql, [] if state is None else [state]))


def _chat(row: Mapping[str, Any], defaults: ChatSettings) -> Chat:
    raw = _object(row["settings"])
    return Chat(row["id"], row["kind"], row["title"] or "", row["state"], raw, read_settings(raw, defaults))


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _language(value: Any) -> str:
    if not re.fullmatch("[a-z]{2,3}", value):
        raise ValueError(f"not the code of a language: {value!r}")
    return str(value)


def _one_of(*allowed: str) -> Any:
    def read(value: object) -> object:
        if value not in allowed:
            raise ValueError(f"expected one of {allowed}")
        return value

    return read


def _quiet_hours(value: Any) -> QuietHours | None:
    return value if isinstance(value, QuietHours) else parse_quiet_hours(value)


def _names(value: object) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError("expected a list of names")
    return list(value)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant
