"""Problems of feeds and addresses, as chats show them."""

from __future__ import annotations

import msgspec
import pytest

from bot.i18n.problems import problem_text
from watchers.models.problem import Problem

UNREADABLE = Problem("robots.unread", {"problem": Problem("dns", {"host": "a.example"})})


@pytest.mark.parametrize(
    ("problem", "english", "vietnamese"),
    [
        (Problem("dns", {"host": "a.example"}), "the name a.example is not known", "không tìm thấy tên miền a.example"),
        (Problem("words", {"words": "404 Not Found"}), "404 Not Found", "404 Not Found"),
        (
            UNREADABLE,
            "robots.txt could not be read: the name a.example is not known",
            "không đọc được robots.txt: không tìm thấy tên miền a.example",
        ),
        (
            Problem("discovery.nothing", {"address": "https://a.example", "problem": Problem("not_a_feed.page")}),
            "https://a.example: not a feed: a web page, and no feed is named there or found at the usual places",
            "https://a.example: không phải nguồn tin mà là trang web; ở đó và ở những chỗ thường gặp cũng không có nguồn tin nào",
        ),
        (
            Problem("poll", {"kind": "tls", "problem": Problem("tls.because", {"host": "a.example", "words": "expired"})}),
            "tls: no safe connection to a.example: expired",
            "tls: không có kết nối an toàn tới a.example: expired",
        ),
    ],
)
def test_a_problem_is_told_in_the_language_of_the_chat(problem: Problem, english: str, vietnamese: str) -> None:
    assert str(problem) == problem_text("en", problem) == english
    assert problem_text("vi", problem) == vietnamese


def test_the_sentence_of_an_older_database_stays() -> None:
    assert problem_text("vi", "dns: the name a.example is not known") == "dns: the name a.example is not known"


def test_a_problem_survives_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(UNREADABLE), type=Problem) == UNREADABLE
