"""Which names stand in a text and are meant."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from tests.watchers.match.world import entity, ids, named, read, seeds
from watchers.match.matcher import Matcher
from watchers.match.names.mentions import MOST_PLACES


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Nvidia's chips", [("nvidia", "Nvidia")]),
        ("An Nvidia-backed firm", [("nvidia", "Nvidia")]),
        ("AMD/Nvidia/Intel", [("amd", "AMD"), ("nvidia", "Nvidia"), ("intel", "Intel")]),
        ("#Nvidia and @Nvidia", [("nvidia", "Nvidia"), ("nvidia", "Nvidia")]),
        ("“Nvidia”, they said", [("nvidia", "Nvidia")]),
        ("nvidia nVidia NVIDIA", [("nvidia", "nvidia"), ("nvidia", "nVidia"), ("nvidia", "NVIDIA")]),
        ("Nvidiana sings", []),
        ("the geforcenvidiabox", []),
        ("英伟达Nvidia发布", [("nvidia", "Nvidia")]),
    ],
)
def test_a_name_stands_between_word_borders(text: str, wanted: list[tuple[str, str]]) -> None:
    assert named(text, "Nvidia" if "geforce" in text else "")[: len(wanted)] == wanted
    if not wanted and "geforce" not in text:
        assert named(text) == []


def test_the_longest_name_wins_and_the_group_stands_beside_it() -> None:
    found = read("FPT Play and FPT").mentions
    assert [(mention.entity, mention.part_of) for mention in found] == [("fpt-play", "fpt"), ("fpt", None)]


def test_a_longer_name_of_another_keeps_the_shorter_out() -> None:
    assert ids("FPT Industrial builds ship engines") == {"fpt-engines"}


def test_a_longer_name_that_does_not_end_at_a_border_leaves_the_shorter() -> None:
    assert named("FPT Playground opens") == [("fpt", "FPT")]


def test_names_across_line_breaks_and_odd_spaces_are_found_at_their_place() -> None:
    assert named("x", "FPT\nSoftware, FPT \n Software and FPT\u00a0Software") == [
        ("fpt-software", "FPT\nSoftware"),
        ("fpt-software", "FPT \n Software"),
        ("fpt-software", "FPT\u00a0Software"),
    ]


def test_soft_hyphens_inside_a_name_do_not_hide_it() -> None:
    assert named("Nvi\u00addia grows") == [("nvidia", "Nvi\u00addia")]


def test_words_that_lost_the_break_between_them_are_taken_apart_by_their_capitals() -> None:
    assert named("By Ann LeeNvidia is often early") == [("nvidia", "Nvidia")]
    assert named("VingroupMột ngân hàng", lang="vi") == [("vingroup", "Vingroup")]
    assert named("Vingroupmột ngân hàng", lang="vi") == []


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_accents_are_found_in_every_normal_form(form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    text = unicodedata.normalize(form, "Nhà máy ở Đà Nẵng của Hòa Phát")
    assert [one for one, _ in named(text, lang="vi")] == ["da-nang", "hoa-phat"]


@pytest.mark.parametrize("text", ["Hòa Phát lãi", "Hoà Phát lãi", "HÒA PHÁT LÃI", "Hoa Phat lai", "HOÀ PHÁT"])
def test_tone_placement_and_lost_accents_do_not_hide_a_name(text: str) -> None:
    assert ids(text, lang="vi") == {"hoa-phat"}


def test_lost_accents_raise_no_name_among_accented_words() -> None:
    text = "ở đó hoa phat nở rộ khắp các ngả đường của vùng núi phía Bắc"
    assert ids("Người dân ở hoa phat mừng việt nam", text, lang="vi") == {"vietnam"}


def test_a_name_of_capitals_is_not_found_in_small_letters_but_in_a_shouted_headline_any_name_is() -> None:
    assert ids("his fpt was amd") == set()
    assert ids("INTEL AND FPT SIGN AN AGREEMENT ON CHIPS") == {"intel", "fpt"}


@pytest.mark.parametrize("text", ["https://fpt.example/FPT/news", "write to FPT@mail.example.com", "on FPT.com.vn today", "www.nvidia.com"])
def test_addresses_are_no_mentions(text: str) -> None:
    assert ids(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Intel report says troops moved", "military Intel found it", "Intel officers met", "The Amazon burns: the rain forest is dry",
        "Mật khẩu FPT bị lộ", "MPs vote on first past the post; FPT stays",
    ],
)  # fmt: skip
def test_the_same_letters_in_another_meaning_are_no_mention(text: str) -> None:
    assert ids(text, lang="") == set()


def test_letters_that_the_item_itself_spells_out_stand_for_that() -> None:
    assert ids("A fixed price tariff (FPT) for power", "The FPT starts in May.") == set()
    assert ids("The freight and passenger terminal, or FPT, opens", "Ships like the FPT.") == set()
    assert ids("A school of the group (FPT) opens", "FPT is glad.") == {"fpt"}
    assert named("Advanced Micro Devices (AMD) grows") == [("amd", "Advanced Micro Devices"), ("amd", "AMD")]


def test_a_condition_counts_in_the_sentence_or_twelve_words_around() -> None:
    assert ids("Tập đoàn Vin mở rộng", lang="vi") == {"vingroup"}
    assert ids("Chai Vin này ngon", lang="vi") == set()
    assert ids("Vinicius và Vinh ghi bàn", lang="vi") == set()
    far = "Tập đoàn đã họp. " + "Mọi người đều vui vẻ ra về trong buổi chiều mưa lạnh. " * 3 + "Chai Vin ngon."
    assert ids("x", far, lang="vi") == set()


def test_a_name_of_one_language_is_not_looked_for_in_the_other() -> None:
    assert ids("VN tăng trưởng", lang="vi") == {"vietnam"}
    assert ids("VN grows", lang="en") == set()


def test_a_product_names_its_owner_only_beside_it() -> None:
    assert ids("GeForce cards are cheap") == set()
    assert ids("GeForce cards are cheap", "Nvidia said so.") == {"geforce", "nvidia"}


def test_a_person_is_no_mention_of_the_company() -> None:
    assert ids("Jensen Huang eats noodles") == {"huang"}


@pytest.mark.parametrize(
    ("text", "lang", "wanted"),
    [
        ("$NVDA falls", "en", {"nvidia"}),
        ("NASDAQ:NVDA falls", "en", {"nvidia"}),
        ("NASDAQ: NVDA", "en", {"nvidia"}),
        ("(NVDA.O) closes higher", "en", {"nvidia"}),
        ("NVDA shares slip", "en", {"nvidia"}),
        ("Strategy for SPY, QQQ, AAPL, MSFT, NVDA", "en", {"nvidia"}),
        ("the NVDA screen reader", "en", set()),
        ("mã FPT", "vi", {"fpt"}),
        ("HOSE: VIC", "vi", {"vingroup"}),
        ("VIC – HOSE", "vi", {"vingroup"}),
        ("cổ phiếu VIC tăng", "vi", {"vingroup"}),
        ("VN-Index giảm, VIC tím trần", "vi", {"vingroup"}),
        ("Khối ngoại mua BID, VIC, HPG", "vi", {"vingroup"}),
        ("Melbourne, VIC 3000", "en", set()),
        ("Trường VIC đón học sinh", "vi", set()),
        ("NASDAQ:FOX rises", "en", set()),
        ("UPCoM: FOX tăng", "vi", {"fpt-telecom"}),
        ("Fox shares climb", "en", set()),
    ],
)
def test_a_symbol_needs_a_market_and_the_right_one(text: str, lang: str, wanted: set[str]) -> None:
    assert ids(text, lang=lang) - {"vietnam"} == wanted


def test_a_symbol_needs_no_market_where_its_company_is_named() -> None:
    assert named("Vingroup mở trường, VIC chi trả", lang="vi") == [("vingroup", "Vingroup"), ("vingroup", "VIC")]


def test_of_a_name_that_is_repeated_without_end_the_first_places_are_read_and_no_other_name_is_missed() -> None:
    found = read("A list", "Nvidia " * (3 * MOST_PLACES) + "and FPT").mentions
    assert [mention.entity for mention in found] == ["nvidia"] * MOST_PLACES + ["fpt"]
    assert [mention.start for mention in found[:3]] == [0, 7, 14]


BARE = Matcher(
    seeds(
        entities=(
            entity("trung-nguyen", "Trung Nguyen Legend"),
            entity("thanh-cong", "Thanh Cong"),
            entity("ba-son", "Ba Son"),
            entity("ha", "Ha"),
            entity("hon-hai", "Hon Hai", kind="company"),
            entity("hoa-phat-bare", "Hoa Phat"),
            entity("hoa-phat-written", "Hòa Phát"),
            entity("hai-phong", "Hải Phòng", "Hai Phong", kind="place"),
            entity("pham-nhat-vuong", "Pham Nhat Vuong", kind="person"),
            entity("nha-trang", "Nha Trang", kind="place"),
        )
    )
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Chuỗi Trung Nguyên Legend mở thêm quán", [("trung-nguyen", "Trung Nguyên Legend")]),
        ("Chuỗi TRUNG NGUYÊN LEGEND mở thêm quán", [("trung-nguyen", "TRUNG NGUYÊN LEGEND")]),
        ("Trung Nguyen Legend opens", [("trung-nguyen", "Trung Nguyen Legend")]),
        ("Trung Nguyên\u00a0Legend opens a café", [("trung-nguyen", "Trung Nguyên\u00a0Legend")]),
        ("Ông Phạm Nhật Vượng nói", [("pham-nhat-vuong", "Phạm Nhật Vượng")]),
        ("Tập đoàn Thành Công lãi lớn", [("thanh-cong", "Thành Công")]),
        ("Tập đoàn Hòa Phát lãi lớn", [("hoa-phat-written", "Hòa Phát")]),
        ("Tập đoàn Hoa Phát lãi lớn", [("hoa-phat-bare", "Hoa Phát")]),
    ],
)
def test_a_name_typed_without_accents_finds_the_name_with_them(text: str, wanted: list[tuple[str, str]]) -> None:
    assert named(text, lang="vi", matcher=BARE) == wanted
    for form in ("NFC", "NFD"):
        given = unicodedata.normalize(form, text)  # type: ignore[arg-type]
        assert named("x", given, lang="vi", matcher=BARE) == [(one, unicodedata.normalize(form, said)) for one, said in wanted]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Bà Sơn nói với báo chí", "Hà nói với báo chí", "Hạ và Hả", "Hơn Hai triệu người", "bí quyết thành công của họ",
        "Thành công của họ", "BÍ QUYẾT THÀNH CÔNG CỦA HỌ", "Anh Nguyễn Thành Công ghi bàn", "Ông Thành Công nói",
        "Ông Nguyễn Thành Công Danh", "Bà Trần Thị Thanh Công", "Ông Phạm Nhật Vượng Long", "Cán bộ Nhà Trắng nói",
        "trung nguyên legend là chữ thường", "người ở Hải Phổng kể", "Trung Nguyênn Legend",
    ],
)  # fmt: skip
def test_short_and_ambiguous_names_without_accents_find_no_ordinary_words(text: str) -> None:
    assert named(text, lang="vi", matcher=BARE) == []
