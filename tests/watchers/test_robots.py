"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.robots import parse_robots


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
