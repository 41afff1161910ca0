"""Chats in the database: from the configuration, by their own settings, gone, back, moved and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest

from bot.config import Config
from bot.message import Message
from bot.store import Store, deliveries
from bot.store.chats import (
    ChatSettings,
    add_chat,
    add_configured,
    change_settings,
    default_settings,
    move_chat,
    read_chat,
    read_chats,
    remove_chat,
    set_state,
)
from bot.store.deliveries import NewDelivery

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DEFAULTS = ChatSettings()


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    yield store
    store.close()


def states(store: Store) -> dict[str, str]:
    return {chat.id: chat.state for chat in read_chats(store, DEFAULTS, state=None)}


def test_what_a_chat_did_not_choose_comes_from_the_configuration() -> None:
    config = Config.model_validate(
        {"digest": {"at": "07:15", "timezone": "Europe/Berlin"}, "alerts": {"quiet_hours": "22:00-07:00", "max_per_hour": 5}}
    )  # fmt: skip
    settings = default_settings(config)
    assert (settings.digest_at, settings.timezone, settings.max_per_hour) == (time(7, 15), "Europe/Berlin", 5)
    assert str(settings.quiet_hours) == "22:00-07:00"


def test_the_configuration_makes_its_chats_and_sets_aside_those_it_no_longer_names(store: Store) -> None:
    also = Config.model_validate({"chat": {"also": [{"url_env": "SLACK", "send": ["alert"]}], "telegram": {"allowed_chats": [5, -7]}}})
    add_configured(store, also, "console", NOW)
    assert states(store) == {"console": "active", "also:SLACK": "active"}
    add_configured(store, also, "telegram", NOW)
    assert states(store) == {"console": "gone", "also:SLACK": "active", "telegram:5": "active", "telegram:-7": "active"}
    slack = read_chat(store, "also:SLACK", DEFAULTS)
    assert slack is not None
    assert slack.settings.send == {"alert"}
    add_configured(store, Config(), "console", NOW)
    assert states(store) == {"console": "active", "also:SLACK": "gone", "telegram:5": "active", "telegram:-7": "active"}


def test_a_start_does_not_bring_back_a_telegram_chat_that_left(store: Store) -> None:
    config = Config.model_validate({"chat": {"telegram": {"allowed_chats": [5]}}})
    add_configured(store, config, "telegram", NOW)
    set_state(store, "telegram:5", "gone", error="blocked")
    add_configured(store, config, "telegram", NOW)
    assert states(store) == {"telegram:5": "gone"}


def test_a_chat_that_comes_back_finds_its_settings(store: Store) -> None:
    add_chat(store, "telegram:1", title="An", settings={"language": "vi"})
    set_state(store, "telegram:1", "gone", error="blocked")
    add_chat(store, "telegram:1", settings={"language": "en"})
    chat = read_chat(store, "telegram:1", DEFAULTS)
    assert chat is not None
    assert (chat.state, chat.title, chat.settings.language) == ("active", "An", "vi")


def test_a_setting_taken_out_follows_the_configuration_again_and_unknown_ones_stay(store: Store) -> None:
    add_chat(store, "telegram:1", settings={"language": "vi", "theme": "dark"})
    change_settings(store, "telegram:1", {"language": None, "max_per_hour": 3})
    chat = read_chat(store, "telegram:1", DEFAULTS)
    assert chat is not None
    assert dict(chat.raw) == {"theme": "dark", "max_per_hour": 3}
    with pytest.raises(LookupError, match="no chat 'telegram:2'"):
        change_settings(store, "telegram:2", {})


def test_a_chat_that_moves_takes_everything_along_but_the_ids_of_its_messages(store: Store) -> None:
    add_chat(store, "telegram:-5", settings={"language": "vi"})
    for key in ("alert:1", "alert:2"):
        deliveries.add(store, NewDelivery("telegram:-5", "alert", key, Message("telegram:-5", "x", "x"), NOW), NOW)
    deliveries.claim(store, 1, NOW)
    deliveries.sent(store, 1, "m1", NOW)
    move_chat(store, "telegram:-5", "telegram:-1005")
    rows = [(row["chat"], row["message_id"]) for row in store.db.query("SELECT chat, message_id FROM deliveries ORDER BY id")]
    assert rows == [("telegram:-1005", ""), ("telegram:-1005", None)]
    claimed = deliveries.claim(store, 2, NOW)
    assert claimed is not None
    assert claimed.message.chat == "telegram:-1005"
    assert states(store) == {"telegram:-1005": "active"}


def test_a_chat_that_is_forgotten_leaves_nothing(store: Store) -> None:
    add_chat(store, "telegram:1")
    deliveries.add(store, NewDelivery("telegram:1", "alert", "alert:1", Message("telegram:1", "x", "x"), NOW), NOW)
    remove_chat(store, "telegram:1")
    counts = [store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("chats", "deliveries", "digests")]
    assert counts == [0, 0, 0]
