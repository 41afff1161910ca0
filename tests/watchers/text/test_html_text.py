"""From markup to plain text."""

from __future__ import annotations

import time
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.text.html_text import folded, line, plain, sound


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


REFERENCES = st.lists(
    st.sampled_from(["&", "#", "x", "X", ";", "amp", "amp;", "lt", "not", "notin;", "frac12", "CounterClockwiseContourIntegral;", "é", " "])
    | st.text(alphabet="0123456789abcdefXx", max_size=9),
    max_size=12,
)


@given(REFERENCES)
def test_references_are_read_as_html_reads_them(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert plain(text) == plain(unescape(text).replace("&", "&amp;").replace("<", "&lt;"))


@pytest.mark.parametrize("number", ["9" * 5_000, "9" * 300_000, "x" + "f" * 300_000, "0" * 5_000 + "65"])
def test_a_number_without_end_is_no_letter_and_costs_nothing(number: str) -> None:
    """Python reads no number of more than 4,300 digits: one of them cost the whole feed, as a bug of ours, at every look."""
    assert plain(f"before &#{number}; after") == "before \ufffd after"


def test_names_of_no_letter_cost_what_other_references_cost() -> None:
    def cost(reference: str) -> float:
        times = []
        for _ in range(5):
            begun = time.thread_time()
            plain(f"{reference} " * 3_000)
            times.append(time.thread_time() - begun)
        return min(times)

    assert cost("&notzzzzzzzzzzzzzzzzzzzzzzzzzzzz") < 4 * cost("&#8211;")


@given(st.text(alphabet="<>&;\"'!-/ab \n\x00éđ[]", max_size=200))
def test_no_markup_makes_it_raise_or_keeps_control_characters(markup: str) -> None:
    text = plain(markup)
    assert "\x00" not in text
    assert text == text.strip()


@given(st.text(alphabet="abc đẹp 123.,", max_size=100))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert plain(text) == " ".join(text.split())


def test_an_address_or_a_phrase_brings_nothing_that_a_terminal_obeys() -> None:
    assert sound("https://x.example/\x1b[31m\x9b2J\u202egpj.exe\ud800\x00") == "https://x.example/[31m2Jgpj.exe"
    assert (
        sound("https://x.example/nh\u00e0-m\u00e1y-\U0001f600/\u200c\u0645")
        == "https://x.example/nh\u00e0-m\u00e1y-\U0001f600/\u200c\u0645"
    )
