"""Names that no entity has: where they begin and end in a Vietnamese and an English sentence, and what only looks like a name."""

from __future__ import annotations

import pytest

from watchers.match.events.participants import CapitalisationStats, parties
from watchers.match.language.sentences import read_sentences


def named(text: str, lang: str = "vi", beside: str = "") -> list[tuple[str, str]]:
    """The names in a text; `beside` is a text of the same item."""
    found = []
    sentences = read_sentences("text", text, [], {})
    letters = CapitalisationStats([*sentences, *read_sentences("summary", beside, [], {})])
    for sentence in sentences:
        found += parties(sentence, {}, [], letters, lang=lang)
    return [(one.text, one.kind) for one in found]


@pytest.mark.parametrize(("text", "name", "kind"), [
    ("Hôm qua Ngân hàng Bắc Sông Thương báo lãi.", "Ngân hàng Bắc Sông Thương", "company"),
    ("Công ty Cổ phần Đầu tư và Xây dựng Vạn Lý Hưng trúng thầu.", "Công ty Cổ phần Đầu tư và Xây dựng Vạn Lý Hưng", "company"),
    ("Dự án do Tập đoàn Mộc Lan rót vốn.", "Tập đoàn Mộc Lan", "company"),
    ("Theo Hiệp hội Chế biến Hải sản, giá tăng.", "Hiệp hội Chế biến Hải sản", "organization"),
    ("Đoàn đã tới Khu công nghiệp Thạch Bàn.", "Khu công nghiệp Thạch Bàn", "place"),
    ("Tổng giám đốc Trần Quốc Bảo từ chức.", "Trần Quốc Bảo", "person"),
    ("Bộ trưởng Phùng Hải Đăng tiếp đoàn.", "Phùng Hải Đăng", "person"),
    ("Nam Thái Sơn mở xưởng.", "Nam Thái Sơn", "name"),
    ("Khi Hòa Lộc Phát mở xưởng, giá tăng.", "Hòa Lộc Phát", "name"),
    ("Thủ tướng yêu cầu kiểm tra.", "Thủ tướng", "person"),
    ("Hãng này bán xưởng cho Skyloom hôm qua.", "Skyloom", "name"),
])
def test_a_vietnamese_name_is_read_whole(text: str, name: str, kind: str) -> None:
    assert (name, kind) in named(text)


@pytest.mark.parametrize("text", [
    "Chủ tịch hội đồng quản trị cho biết giá tăng.",
    "Chứng khoán giảm, Hội đồng họp.",
    "(ĐTCK) Đà đi lên của thị trường còn tiếp tục.",
    "Áp lực bán gia tăng tại HOSE.",
    "Mặc dù giá tăng, Biên bản chưa ký.",
    "BCTC và KQKD quý II cho thấy lãi tăng.",
    "Quốc hội bàn Luật Trí tuệ nhân tạo."[len("Quốc hội bàn "):],
    "Công ty cho biết sẽ mở xưởng.",
    "Tổng công ty Tái chế họp.",
    "Vụ án kéo dài.",
])
def test_a_vietnamese_word_with_a_capital_is_no_name(text: str) -> None:
    assert named(text) == []


def test_a_body_and_its_head_are_two() -> None:
    assert named("Hôm qua Mộc Hương Nguyễn Văn Bách bị bắt.") == [("Mộc Hương", "name"), ("Nguyễn Văn Bách", "person")]
    assert named("Thứ trưởng Bộ Tài chính Nguyễn Văn Bách dự họp.")[-1] == ("Nguyễn Văn Bách", "person")


@pytest.mark.parametrize(("text", "names"), [
    ("Results for FY2026 and a MOU came on May 28.", []),
    ("The firm met American buyers and Korean makers.", []),
    ("By Ann Lee and Bo RaiSkyloom rose on Friday.", []),
    ("They asked Treasury Secretary Joan Aldous about it.", ["Joan Aldous"]),
    ("A fund sold Skyloom Networks SKYL at a loss.", ["Skyloom Networks"]),
    ("A fund sold Skyloom (SKYL) at a loss.", ["Skyloom"]),
    ("A paper in New York reported it.", ["New York"]),
    ("Skyloom acquires a rival.", ["Skyloom"]),
    ("Demand slows in the north.", []),
    ("The Zander Computex show opened.", ["Zander Computex"]),
])
def test_what_an_english_run_of_capitals_names(text: str, names: list[str]) -> None:
    assert [one for one, _ in named(text, "en")] == names


def test_a_word_that_the_item_writes_small_elsewhere_is_no_name() -> None:
    assert named("They like the Harbour.", "en") == [("Harbour", "name")]
    assert named("They like the Harbour.", "en", beside="A harbour is a place.") == []
