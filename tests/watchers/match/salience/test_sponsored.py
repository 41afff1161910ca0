"""Paid content is known by its own marks, and by nothing else."""

from __future__ import annotations

import pytest

from watchers.match.salience.sponsored import is_sponsored


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("A new kettle", "Sponsored ad date 2025-01-02 A maker of kettles has a new one."),
        ("[Sponsored] Why kettles matter", ""),
        ("Advertorial: kettles", ""),
        ("Why kettles matter | Paid Post", ""),
        ("Kettles", "ADVERTORIAL\nThe kettle is back."),
        ("Kettles", "LYON, March 3, 2025 (GLOBE NEWSWIRE) -- Kettle Works said on Monday it has a new kettle."),
        ("Kettles", "LYON, March 3, 2025 /PRNewswire/ -- Kettle Works said"),
        ("Kettles", "LYON--(BUSINESS WIRE)--Kettle Works said"),
        ("Kettles", "A long story about kettles.\nThis article was produced by Kettle Works."),
        ("Ấm đun nước", "Ấm đun mới ra mắt.\nThông tin doanh nghiệp"),
        ("Am dun nuoc", "Am dun moi ra mat.\nThong tin doanh nghiep"),
        ("Ấm đun nước (PR)", "Ấm đun mới."),
        ("Ấm đun nước", "Thông cáo báo chí: Ấm đun mới ra mắt."),
        ("Ấm đun nước", "Ấm đun mới ra mắt. Bài viết được tài trợ bởi hãng Ấm Việt."),
    ],
)
def test_a_mark_in_its_place_tells(title: str, text: str) -> None:
    assert is_sponsored(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Minister speaks of state-sponsored attack", "The attack was state-sponsored."),
        ("Brewer to sponsor the cup", "The brewer, which sponsored the team, will sponsor the cup."),
        ("How sponsored content works", "Sponsored content is a way of advertising."),
        ("Cổ phiếu tăng sau thông tin doanh nghiệp chốt lời", "Giá tăng sau thông tin doanh nghiệp chia cổ tức."),
        ("Học bổng được tài trợ bởi quỹ", "Chương trình được tài trợ bởi quỹ."),
        ("Union issues press release on pay", "The press release named no date."),
        ("Sponsored by a bakery, the team wins", "Sponsored by a bakery, the team won the cup again."),
        ("", ""),
    ],
)
def test_the_words_elsewhere_do_not(title: str, text: str) -> None:
    assert not is_sponsored(title, text)


def test_the_source_may_say_so_itself() -> None:
    assert is_sponsored("Kettles", "A kettle.", marked=True)
