"""The cheap guess of a language."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from watchers.text.language import detect, language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nvidia and Vietnam sign an agreement on a research centre", "en"),
        ("Tập đoàn công nghệ ký thỏa thuận xây trung tâm dữ liệu tại Hà Nội", "vi"),
        (normalize("NFD", "Tập đoàn công nghệ ký thỏa thuận xây trung tâm"), "vi"),
        ("Phạm Nhật Vượng says the company will build cars in the United States for export", "en"),
        ("Tap doan cong nghe cua Viet Nam duoc ky voi doanh nghiep", "vi"),
        ("英伟达在河内开设研发中心", "other"),
        ("Le groupe américain ouvre une usine près de Paris", ""),
        ("NVDA 145.30", ""),
        ("", ""),
    ],
)
def test_letters_and_words_tell_the_language(text: str, expected: str) -> None:
    assert detect(text) == expected


def test_what_a_person_said_counts_before_what_the_feed_says_where_the_text_is_silent() -> None:
    assert language("NVDA 145.30", configured="vi", declared="en-US") == "vi"
    assert language("NVDA 145.30", declared="en-US") == "en"
    assert language("NVDA 145.30", declared="fr") == ""
    assert language("The company opens a centre in the city", configured="vi") == "en"
    assert language("英伟达在河内开设研发中心", configured="en") == ""
