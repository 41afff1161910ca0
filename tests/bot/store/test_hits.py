"""Hits: the English sentences for everybody, and the codes from which messages make words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.store import Store
from bot.store.hits import add_hits, explain_item_hits, read_hits, read_reasons
from bot.store.items import MatchedItem, add_items, read_match
from watchers.match.result import Hit, Match, Mention, Reason, Salience
from watchers.models.item import Item

NOW = datetime(2026, 3, 2, tzinfo=UTC)
REASONS = (
    Reason("salience", {"reasons": (Reason("title.subject", {"text": "FPT"}), Reason("mentions.most", {"count": 4}))}),
    Reason("event", {"type": "partnership", "actors": ("FPT",), "mutual": True, "amount": 2e8, "currency": "USD"}),
)
WHY = ['"FPT" leads the title; named 4 times, more than all other companies together', "partnership: FPT, 200,000,000 USD"]


def store_with(match: Match) -> Store:
    store = Store.open(":memory:")
    with store.atomic():
        add_items(store, [MatchedItem(Item("f", title="FPT"), ("k",), match)], None, NOW)
        add_hits(store, 1, match.hits, story=None, now=NOW)
    return store


def test_a_hit_keeps_english_sentences_and_codes() -> None:
    store = store_with(Match("en", hits=(Hit("fpt", 0.5, "alert", REASONS),)))
    assert json.loads(store.conn.execute("SELECT why FROM hits").fetchone()[0]) == WHY
    assert [hit.why for hit in read_hits(store)] == [tuple(WHY)]
    assert [(hit.why, hit.reasons) for hit in explain_item_hits(store, 1)] == [(tuple(WHY), REASONS)]
    store.close()


@pytest.mark.parametrize("column", [None, "", "7", '["a sentence"]', "[", '[{"args": {}}]'])
def test_a_row_without_readable_codes_has_no_reasons(column: str | None) -> None:
    assert read_reasons(column) == ()


def test_salience_keeps_its_reasons_and_a_row_with_sentences_only_its_value() -> None:
    salience = Salience(0.9, (Reason("title.subject", {"text": "FPT"}), Reason("mentions.once", {"count": 5}, supports=False)))
    store = store_with(Match("en", mentions=(Mention("fpt", "FPT", "title", 0, 3),), salience={"fpt": salience}))
    assert read_match(store, 1).salience == {"fpt": salience}
    store.conn.execute("UPDATE items SET salience = ?", (json.dumps({"fpt": [0.9, '"FPT" leads the title']}),))
    assert read_match(store, 1).salience == {"fpt": Salience(0.9, ())}
    store.close()
