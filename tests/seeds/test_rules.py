"""What the packaged rules leave out on purpose, and what beside it they must not."""

from __future__ import annotations

import pytest

from tests.support.bot_app import packaged_matcher
from watchers.models.item import Item


def rules_of(title: str, text: str = "") -> set[str]:
    """The rules that an item with these words hits."""
    return {hit.rule for hit in packaged_matcher().match(Item("f", "https://x.example/1", title=title, text=text or f"{title}.")).hits}


@pytest.mark.parametrize(
    ("title", "text", "rule"),
    [
        ("Some Wealth LLC sells Nvidia shares", "Some Wealth LLC sold shares of Nvidia, according to its 13F.", "nvidia"),
        ("Nvidia acquires nothing here", "Some fund has acquired Nvidia. Its holding history follows.", "deals"),
        ("Nvidia's partnership with Oklo, explained", "Nvidia signs a partnership with Oklo. The Motley Fool holds Nvidia.", "deals"),
        ("Trường FPT tuyển sinh năm học mới", "Trường phổ thông FPT xét học bạ, giảm học phí cho học sinh của FPT.", "fpt"),
        ("Vinhomes mở lễ hội mùa hè", "Vinhomes tổ chức lễ hội ở khu đô thị Vinhomes.", "vingroup"),
        ("China bans beef from the United States", "China bars exports of beef to the United States.", "export-controls"),
        ("Việt Nam và Mỹ ký hợp tác bóng đá", "", "vietnam-united-states"),
    ],
)
def test_what_an_editor_would_strike_is_no_hit(title: str, text: str, rule: str) -> None:
    assert rule not in rules_of(title, text)


@pytest.mark.parametrize(
    ("title", "text", "rule"),
    [
        ("Nvidia sells shares of a startup", "Nvidia sold its shares of a startup on Monday.", "nvidia"),
        ("Nvidia signs a partnership with Oklo", "Nvidia signed a partnership with Oklo on Monday.", "deals"),
        ("FPT opens a university campus", "FPT opened a campus of its university in Da Nang.", "fpt"),
        ("China puts export controls on chips for the US", "China put export controls on chips for the US.", "export-controls"),
        ("Bộ trưởng Ngoại giao Mỹ thăm Việt Nam", "Bộ trưởng Ngoại giao Mỹ sang thăm Việt Nam hôm nay.", "vietnam-united-states"),
    ],
)  # fmt: skip
def test_its_neighbours_still_are(title: str, text: str, rule: str) -> None:
    assert rule in rules_of(title, text)
