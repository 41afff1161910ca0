"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.fetch import Fetched, FetchError, Unchanged
from watchers.robots import KEPT_FOR, TROUBLE_KEPT_FOR, Robots, parse_robots


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /*?print", "/x?print=1", False),
        ("User-agent: *\nDisallow: /a*b*c", "/a1b2c3", False),
        ("User-agent: *\nDisallow: /a*b*c", "/a1c2b", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: Seedwatch/2.0\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("user-agent: SEEDWATCH\nallow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("\ufeff# c\nUser-agent: *\r\nDisallow: /a # why\r\n", "/a", False),
        ("User-agent: *\nDisallow: /h%C3%A0", "/hà", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_the_longest_pattern_of_our_group_decides(text: str, path: str, allowed: bool) -> None:
    assert parse_robots(text).allow("https://x.example" + path) is allowed


@given(st.text(max_size=200), st.text(max_size=40))
def test_no_text_makes_it_raise(text: str, path: str) -> None:
    parse_robots("User-agent: *\nDisallow: " + text).allow("https://x.example/" + path.replace("[", "").replace("]", ""))


NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


class Host:
    """One host's answers to the question for robots.txt."""

    def __init__(self, answer: Fetched | Unchanged | FetchError) -> None:
        self.answer, self.asked = answer, 0

    async def get(self, url: str) -> Fetched | Unchanged | FetchError:
        self.asked += 1
        return self.answer


async def test_what_keeps_robots_txt_from_being_read_is_the_trouble_told_and_soon_tried_again() -> None:
    host = Host(FetchError("dns", "the name x.example is not known"))
    robots = Robots(host.get)
    refusal = await robots.refusal("https://x.example/a", NOW)
    assert refusal is not None
    assert (refusal.kind, refusal.message) == ("dns", "robots.txt could not be read: the name x.example is not known")
    host.answer = Fetched("https://x.example/robots.txt", b"User-agent: *\nDisallow: /b\n", {})
    assert await robots.refusal("https://x.example/a", NOW + TROUBLE_KEPT_FOR / 2) == refusal
    assert await robots.refusal("https://x.example/a", NOW + TROUBLE_KEPT_FOR) is None
    assert host.asked == 2


@pytest.mark.parametrize("answer", [FetchError("server", "500", 500), FetchError("throttled", "429", 429), Unchanged("u", {})])
async def test_a_host_that_gives_no_rules_is_left_alone(answer: FetchError | Unchanged) -> None:
    assert await Robots(Host(answer).get).refusal("https://x.example/a", NOW) is not None


async def test_a_host_without_robots_txt_allows_everything_and_is_asked_once_a_day() -> None:
    host = Host(FetchError("client", "404 Not Found", 404))
    robots = Robots(host.get)
    for hours in (0, 1, 23):
        assert await robots.refusal("https://x.example/a", NOW + timedelta(hours=hours)) is None
    assert host.asked == 1
    await robots.refusal("https://x.example/a", NOW + KEPT_FOR)
    assert host.asked == 2


async def test_only_what_robots_txt_says_is_said_of_it() -> None:
    robots = Robots(Host(Fetched("https://x.example/robots.txt", b"User-agent: *\nDisallow: /b\n", {})).get)
    assert await robots.refusal("https://x.example/a", NOW) is None
    refusal = await robots.refusal("https://x.example/b", NOW)
    assert refusal is not None
    assert refusal.message == "the site's robots.txt does not allow this page"
