"""What an item is about, and what it only names."""

from __future__ import annotations

import pytest

from tests.watchers.match.world import read
from watchers.match.result import Reason


def salience(entity: str, title: str, text: str = "", *, lang: str = "en") -> float:
    return read(title, text, lang=lang).salience[entity].value


@pytest.mark.parametrize(
    ("entity", "title", "text", "lang"),
    [
        ("nvidia", "Nvidia opens a school for robots", "", "en"),
        ("nvidia", "Judges hear case against Nvidia", "", "en"),
        ("nvidia", "A quiet week", "Nvidia will build a chip plant, it said on Monday.", "en"),
        ("fpt", "FPT Play bắt tay giải bóng rổ", "Hai bên ký kết 5 năm.", "vi"),
        ("fpt", "Mở ngành học mới", "Tập đoàn FPT hôm nay công bố ngành học mới.", "vi"),
        ("vingroup", "VN-Index tăng, Vingroup dẫn sóng", "Cổ phiếu tăng.", "vi"),
        ("nvidia", "Jensen Huang speaks of what comes next", "The Nvidia chief was in Hue.", "en"),
        ("fpt", "GS Builders, FPT partner on a data centre", "", "en"),
    ],
)
def test_about(entity: str, title: str, text: str, lang: str) -> None:
    assert salience(entity, title, text, lang=lang) >= 0.15


@pytest.mark.parametrize(
    ("entity", "title", "text", "lang"),
    [
        ("nvidia", "Nvidia supplier Kumo Memory lifts its forecast", "", "en"),
        ("nvidia", "Start-up founded by ex-Nvidia engineer raises money", "", "en"),
        ("nvidia", "Kumo's chip is far quicker than Nvidia's best", "", "en"),
        ("nvidia", "Chip mới nhanh gấp 12 lần GPU của Nvidia", "", "vi"),
        ("nvidia", "AMD sets a date for its next card", "The company has long trailed Nvidia in graphics chips.", "en"),
        ("fpt", "Lịch thi đấu vòng loại hôm nay", "Trận đấu giữa hai đội được trực tiếp trên VTV, FPT Play, TV360.", "vi"),
        ("fpt", "10 cổ phiếu nóng tuần này", "Các cổ phiếu gồm BID, DBC, FPT, HPG, VIC.", "vi"),
        ("fpt", "VN-Index mất 20 điểm", "Khối ngoại bán MBB, SSI, FPT và STB trong phiên giảm điểm.", "vi"),
        ("vingroup", "Triển lãm ảnh mở cửa", "Triển lãm diễn ra tại sảnh Vincom đến hết tuần.", "vi"),
        ("vingroup", "Cầu mới đi qua Vincom khi nào xong?", "", "vi"),
        ("fpt", "Đối tác của FPT trả cổ tức", "", "vi"),
        ("fpt", "Người trẻ và AI", "Chuyên gia FPT cho rằng người trẻ cần học nhiều hơn.", "vi"),
    ],
)
def test_only_named(entity: str, title: str, text: str, lang: str) -> None:
    assert salience(entity, title, text, lang=lang) < 0.15


def test_a_reason_names_the_words_and_says_whether_it_supports() -> None:
    found = read("Nvidia supplier Kumo lifts its forecast").salience["nvidia"]
    assert found.reasons == (Reason("title.explains", {"text": "Nvidia"}, supports=False),)


def test_a_part_of_a_group_counts_for_the_group() -> None:
    found = read("FPT Play mở kênh mới", lang="vi").salience
    assert found["fpt"].value == found["fpt-play"].value >= 0.15


def test_what_the_site_puts_first_is_not_the_first_sentence() -> None:
    tip = "Tip: Try a valid symbol or a specific company name, Nvidia for one, for relevant results. "
    assert salience("nvidia", "Shares of a bakery", tip + "A bakery in Lyon sells more bread than ever before this year.") < 0.15


def test_a_story_without_a_name_in_title_and_lead_is_about_what_it_names_again_and_again() -> None:
    text = "The era of large machines has come to the desert. " + "Nvidia sells them. Nvidia ships them. Nvidia gains. " * 2
    assert salience("nvidia", "What the new age means", text) >= 0.15


@pytest.mark.parametrize(
    "title",
    [
        "What Nvidia's new school means", "What is behind Nvidia's slide", "Shares fall after Nvidia names new limits",
        "Thỏa thuận giữa Nvidia và một trường học", "Những thách thức của Nvidia", "Forget the rest: Nvidia leads",
    ],
)  # fmt: skip
def test_words_of_comparison_in_another_use_compare_nothing(title: str) -> None:
    assert salience("nvidia", title, lang="") >= 0.15


def test_a_symbol_behind_its_name_stands_where_the_name_stands() -> None:
    assert salience("nvidia", "Where to look", "Everyone is chasing the next Nvidia (NVDA), while bakeries do well.") < 0.15


def test_a_name_that_stands_once_is_weighed_against_companies_and_not_against_their_mentions() -> None:
    text = "FPT will grow. FPT hires, says FPT. Vingroup watches FPT, and so does Vingroup. Nvidia is a customer."
    assert Reason("mentions.once", {"count": 3}, supports=False) in read("A new campus", text).salience["nvidia"].reasons
