"""From markup to plain text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.text import folded, line, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Plain words", "Plain words"),
        ("AT&amp;T and &lt;b&gt; stay", "AT&T and <b> stay"),
        ("Fish &amp;amp; chips are decoded once", "Fish &amp; chips are decoded once"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br/>Two<br>Three", "One\nTwo\nThree"),
        ("A <b>bo</b>ld word", "A bold word"),
        ('<a href="https://x.example/?a>b" title="it\'s">Link</a>', "Link"),
        ("<script>alert('x < y')</script>News<style>p{}</style>", "News"),
        ("before<!-- <p>hidden</p> -->after", "beforeafter"),
        ("<![CDATA[inside]]>", "inside"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffbom", "softhyphen zerowidth bom"),
        ("nul\x00 bell\x07", "nul bell"),
        ("price\x80\x93up", "price€“up"),
        ("many   blanks\t and\u00a0more", "many blanks and more"),
        ("line one\r\n\r\n  line two", "line one\nline two"),
        ("caf&eacute; &#8211; &#x1F600;", "café – 😀"),
        ("&nbsp;&nbsp;", ""),
        ("Tiếng Việt <i>nguyên vẹn</i>", "Tiếng Việt nguyên vẹn"),
        ("an unclosed <b tag", "an unclosed <b tag"),
        ("<noscript>no</noscript><template>t</template>yes", "yes"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_a_title_is_one_line_and_bounded() -> None:
    assert line("<p>One</p>\n<p>Two</p>") == "One Two"
    assert len(line("word " * 2_000)) <= 1_000
    assert not line("word " * 2_000).endswith("wo")


def test_titles_are_compared_without_case_and_composition() -> None:
    assert folded("  HÀ NỘI  mở ") == folded("Hà Nội mở")
    assert folded("Đà Nẵng") == "đà nẵng"


@pytest.mark.parametrize("piece", ["<", "<a ", '<a "', "<a b='", "<!--", "<script>", "&", "<![CDATA[", "</", "<a<", "<p ><", "&#"])
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    started = time.perf_counter()
    plain(piece * 100_000)
    assert time.perf_counter() - started < 2.0


@given(st.text(alphabet="<>&;\"'!-/ab \n\x00éđ[]", max_size=200))
def test_no_markup_makes_it_raise_or_keeps_control_characters(markup: str) -> None:
    text = plain(markup)
    assert "\x00" not in text
    assert text == text.strip()


@given(st.text(alphabet="abc đẹp 123.,", max_size=100))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert plain(text) == " ".join(text.split())
