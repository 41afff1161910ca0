"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.http.client import FetchError, FetchResponse, NotModified
from watchers.http.robots import ERROR_TTL, MAX_BYTES, MAX_CACHE_CHARS, RULES_TTL, Robots, parse_robots
from watchers.models.problem import Problem


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


def said(words: str) -> Problem:
    """What a server says itself."""
    return Problem("words", {"words": words})


class Host:
    """One host's answers to the question for robots.txt."""

    def __init__(self, answer: FetchResponse | NotModified | FetchError) -> None:
        self.answer, self.asked = answer, 0

    async def get(self, url: str) -> FetchResponse | NotModified | FetchError:
        self.asked += 1
        return self.answer


async def test_what_keeps_robots_txt_from_being_read_is_the_trouble_told_and_soon_tried_again() -> None:
    host = Host(FetchError("dns", Problem("dns", {"host": "x.example"})))
    robots = Robots(host.get)
    refusal = await robots.refusal("https://x.example/a", NOW)
    assert refusal is not None
    assert (refusal.kind, str(refusal.problem)) == ("dns", "robots.txt could not be read: the name x.example is not known")
    host.answer = FetchResponse("https://x.example/robots.txt", b"User-agent: *\nDisallow: /b\n", {})
    assert await robots.refusal("https://x.example/a", NOW + ERROR_TTL / 2) == refusal
    assert await robots.refusal("https://x.example/a", NOW + ERROR_TTL) is None
    assert host.asked == 2


async def test_a_clock_that_is_set_back_keeps_no_host_shut() -> None:
    host = Host(FetchError("dns", Problem("dns", {"host": "x.example"})))
    robots = Robots(host.get)
    assert await robots.refusal("https://x.example/a", NOW) is not None
    host.answer = FetchError("client", said("404 Not Found"), 404)
    assert await robots.refusal("https://x.example/a", NOW - timedelta(hours=1)) is None


@pytest.mark.parametrize(
    "answer", [FetchError("server", said("500"), 500), FetchError("throttled", said("429"), 429), NotModified("u", {})]
)
async def test_a_host_that_gives_no_rules_is_left_alone(answer: FetchError | NotModified) -> None:
    assert await Robots(Host(answer).get).refusal("https://x.example/a", NOW) is not None


async def test_a_host_without_robots_txt_allows_everything_and_is_asked_once_a_day() -> None:
    host = Host(FetchError("client", said("404 Not Found"), 404))
    robots = Robots(host.get)
    for hours in (0, 1, 23):
        assert await robots.refusal("https://x.example/a", NOW + timedelta(hours=hours)) is None
    assert host.asked == 1
    await robots.refusal("https://x.example/a", NOW + RULES_TTL)
    assert host.asked == 2


async def test_only_what_robots_txt_says_is_said_of_it() -> None:
    robots = Robots(Host(FetchResponse("https://x.example/robots.txt", b"User-agent: *\nDisallow: /b\n", {})).get)
    assert await robots.refusal("https://x.example/a", NOW) is None
    refusal = await robots.refusal("https://x.example/b", NOW)
    assert refusal is not None
    assert str(refusal.problem) == "the site's robots.txt does not allow this page"


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\n" * 18_000 + "Allow: /\n" * 28_000,
        "".join(f"User-agent: a{number}\n" for number in range(15_000)) + "Allow: /\n" * 28_000,
        "User-agent: *\n" + "Allow: /\n" * 55_000,
        "User-agent: *\nAllow: /" + "\u00e9" * 250_000,
    ],
    ids=["everybody again and again", "everybody by name", "the same rule", "one rule"],
)
def test_no_robots_txt_takes_long_to_read(text: str) -> None:
    """A tenth of the first took four seconds: every rule was kept for every name before it."""
    begun = time.thread_time()
    rules = parse_robots(text)
    assert time.thread_time() - begun < 1.0
    assert len(rules.lines) <= 5_000


async def test_long_rules_are_compared_beside_the_loop() -> None:
    """Each of 5,000 patterns is looked for at each of 4,000 letters: half a second."""
    rules = "".join(f"Disallow: *{'a' * 45}{number % 10}{'a' * 45}\n" for number in range(5_000))
    robots = Robots(Host(FetchResponse("https://x.example/robots.txt", b"User-agent: *\n" + rules.encode(), {})).get)
    begun = time.thread_time()
    assert await robots.refusal("https://x.example/" + "a" * 4_000, NOW) is None
    assert time.thread_time() - begun < 0.1


async def test_the_rules_of_all_hosts_together_are_bounded() -> None:
    full = b"User-agent: *\n" + b"".join(b"Disallow: /%d/%s\n" % (number, b"x" * 84) for number in range(5_000))
    assert len(full) < MAX_BYTES
    host = Host(FetchResponse("", full, {}))
    robots = Robots(host.get)
    for number in range(40):
        await robots.refusal(f"https://h{number}.example/a", NOW)
    assert sum(rules.size for _, rules in robots._cache.values()) <= MAX_CACHE_CHARS
    await robots.refusal("https://h39.example/a", NOW)
    assert host.asked == 40, "the latest are still known"


async def test_what_is_no_address_is_refused() -> None:
    refusal = await Robots(Host(NotModified("u", {})).get).refusal("http://[x/", NOW)
    assert refusal is not None
    assert refusal.kind == "address"
