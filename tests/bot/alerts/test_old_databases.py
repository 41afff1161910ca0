"""Open stories of a database whose deliveries held only the text that was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.message import Message
from bot.store import Store
from bot.store.migrations import MIGRATIONS
from tests.bot.alerts.test_plan import MINUTE, NOON, item, send_all
from tests.support.news import publish
from watchers.match.result import Hit, Reason

RECORDED = Path(__file__).with_name("open_stories.sql")
"""The rows of such a database: story 1 was sent for the rule "fpt" and edited, story 2 waits; one chat is Vietnamese, one cannot edit."""
HITS = (
    Hit("deals", 0.9, "alert", (Reason("title.subject", {"text": "Nvidia"}),)),
    Hit("fpt", 0.5, "alert", (Reason("title.subject", {"text": "Nvidia"}),)),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(tmp_path / "old.db")
    MIGRATIONS.apply(database, stop_before=["m014_delivery_content"])
    database.conn.executescript(RECORDED.read_text("utf-8"))
    database.close()
    store = Store.open(tmp_path / "old.db")
    yield store
    store.close()


def keys(store: Store) -> list[tuple[str, str]]:
    return [(row["chat"], row["key"]) for row in store.conn.execute("SELECT chat, key FROM deliveries ORDER BY id")]


def test_a_repeated_source_sends_no_edit_and_rings_nobody(store: Store) -> None:
    before = keys(store)
    publish(store, item("AFP"), NOON + 5 * MINUTE, story=1, hits=HITS)
    assert keys(store) == before


def test_a_new_source_edits_the_message_and_names_the_rule_for_which_it_came(store: Store) -> None:
    before = keys(store)
    publish(store, item("Some Paper"), NOON + 5 * MINUTE, story=1, hits=HITS)
    assert keys(store)[len(before) :] == [("telegram:1", "edit:1:2"), ("telegram:2", "edit:1:2")]
    bodies = [row["body"] for row in store.conn.execute("SELECT body FROM deliveries WHERE key = 'edit:1:2' ORDER BY chat")]
    assert [Message.from_json(body).plain.splitlines()[-1].split(" – ")[0] for body in bodies] == ["Why: FPT", "Lý do: FPT"]


def test_an_alert_that_waits_takes_the_next_source(store: Store) -> None:
    before = keys(store)
    publish(store, item("AFP", title="Nvidia to buy a maker of chips", text="Nvidia will buy a maker of chips."), NOON + MINUTE, story=2)
    assert keys(store) == before
    send_all(store, NOON + 2 * MINUTE)
    body = store.conn.execute("SELECT body FROM deliveries WHERE chat = 'telegram:1' AND key = 'alert:2'").fetchone()[0]
    assert "2 sources" in Message.from_json(body).plain


def test_bodies_that_cannot_be_read_do_not_stop_the_database_from_opening(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    database = Database(path)
    MIGRATIONS.apply(database, stop_before=["m014_delivery_content"])
    database.conn.executescript(RECORDED.read_text("utf-8"))
    for body in ("", "7", "[]", '{"html": 7}', '{"html": "x", "buttons": [[{"data": "why:x"}]]}', '{"html": "x", "buttons": 7}'):
        database.conn.execute(
            "INSERT INTO deliveries (chat, kind, key, state, attempts, due_at, story, body, part, created_at) "
            "VALUES ('telegram:1', 'alert', ?, 'sent', 1, '2026-03-02T05:00:00Z', 9, ?, 1, '2026-03-02T05:00:00Z')",
            ("odd:" + body, body),
        )
    database.conn.commit()
    database.close()
    store = Store.open(path)
    assert [row[0] for row in store.conn.execute("SELECT rule FROM deliveries WHERE key LIKE 'odd:%'")] == [None] * 6
    store.close()
