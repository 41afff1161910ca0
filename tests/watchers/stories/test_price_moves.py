"""Which headlines tell a strong move of a price, whose, which way, and on which trading day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from watchers.match.result import Match
from watchers.models.item import Item
from watchers.stories.features import read_traits
from watchers.stories.price_moves import PriceMove

FRIDAY_NOON = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)


def move(title: str, text: str = "", *, when: datetime = FRIDAY_NOON, lang: str = "en") -> PriceMove | None:
    return read_traits(Item(feed="", title=title, text=text, lang=lang), Match(lang=lang), when).move


@pytest.mark.parametrize(
    ("title", "up"),
    [
        ("Why Lumora Stock Popped Today", True),
        ("Lumora shares jump 5% after results", True),
        ("Lumora closes at record as stock climbs", True),
        ("Lumora crosses $2 trillion market value", True),
        ("Lumora Rallies. Why Rivals May Be The Reason.", True),
        ("Lumora (NASDAQ:LUMO) Trading Up 4.3% - Time to Buy?", True),
        ("Lumora stock plunges as demand cools", False),
        ("Lumora shares fall 7%", False),
    ],
)
def test_strong_moves_are_read(title: str, up: bool) -> None:
    found = move(title)
    assert found is not None
    assert (found.mover, found.up, found.session) == ("lumora", up, date(2026, 3, 6))


@pytest.mark.parametrize(
    "title",
    [
        "Lumora stock edges up 0.3%",
        "Is Lumora Stock a Buy?",
        "Lumora stock may soar to $300",
        "Lumora Supplier Veltrix Surges 60% in Debut",
        "Lumora profit surges 80%",
        "Nasdaq hits record as Lumora stock soars",
        "Lumora at $2 Trillion: Buy, Sell, or Hold?",
        "Lumora opens a factory",
        "Why Isn't Lumora Stock at $300 While Others Rally?",
    ],
)
def test_slight_moves_advice_and_the_moves_of_others_are_not(title: str) -> None:
    found = move(title)
    assert found is None or found.mover != "lumora"


def test_a_vietnamese_headline_tells_the_same() -> None:
    found = move("Cổ phiếu Mekora tăng vọt 6%", when=datetime(2026, 3, 6, 9, 30, tzinfo=UTC), lang="vi")
    assert found == PriceMove("mekora", up=True, session=date(2026, 3, 6), percent=6.0)


@pytest.mark.parametrize(
    ("title", "text", "when", "day"),
    [
        ("Lumora stock soars on March 4", "", FRIDAY_NOON, date(2026, 3, 4)),
        ("Lumora stock soars", "Shares rose sharply on Thursday.", FRIDAY_NOON, date(2026, 3, 5)),
        ("Lumora stock soars", "", datetime(2026, 3, 8, 12, 0, tzinfo=UTC), date(2026, 3, 6)),  # Sunday
        ("Lumora stock soars", "", datetime(2026, 3, 9, 11, 0, tzinfo=UTC), date(2026, 3, 6)),  # Monday before the opening
        ("Lumora stock soars", "", datetime(2026, 3, 9, 16, 0, tzinfo=UTC), date(2026, 3, 9)),
    ],
)
def test_the_trading_day_is_the_one_named_or_the_last_that_had_begun(title: str, text: str, when: datetime, day: date) -> None:
    found = move(title, text, when=when)
    assert found is not None
    assert found.session == day
