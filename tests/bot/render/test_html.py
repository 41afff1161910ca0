"""Pages: text is text whatever it holds, links are safe, and a template gets every value that it names."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

import bot
from bot.render.chart import Bar, bar_chart_svg
from bot.render.html import render_page

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=60)
"""Text that HTML can hold as it is."""
TEMPLATES = Path(bot.__file__).parent / "web" / "templates"


class Seen(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def search_page(query: str, title: str = "", url: str = "") -> str:
    result = {"title": title, "url": url, "text": "", "source": "", "time": "", "story": None}
    results = [result] if title else []
    return render_page(
        "search.html.j2", title=query, here="/search", query=query, entity="", entities=[], event="", events=[], count="", results=results
    )


@given(TEXT)
def test_any_text_comes_out_of_a_page_as_it_went_in(text: str) -> None:
    seen = Seen(render_page("error.html.j2", title="Failed", here="", message=f"({text})"))
    assert f"({text})" in seen.words
    attributes = [attrs for attrs in Seen(search_page(text)).attributes if attrs.get("name") == "q"]
    assert [attrs["value"] for attrs in attributes] == [text]


@given(st.text(max_size=60))
def test_any_text_at_all_makes_one_page_that_can_be_sent(text: str) -> None:
    page = render_page("error.html.j2", title=text, here="", message=text)
    page.encode("utf-8")
    tags = Seen(page).tags
    assert [tag for tag in tags if tag not in {"a", "b", "header"}] == (
        ["html", "head", "meta", "meta", "meta", "title", "link", "link", "link", "body", "main", "h1", "p", "p"]
    )


def test_an_address_that_is_none_is_shown_without_a_link() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "https://a b", "https:\n//x", ""):
        assert "<h3><span>x</span></h3>" in search_page("", "x", url), url
    assert (
        '<h3><a href="https://a.example/?q=&#34;&amp;b=&lt;" rel="noreferrer noopener">x</a></h3>'
        in search_page("", "x", 'https://a.example/?q="&b=<')
    )  # fmt: skip


def test_a_value_that_a_template_names_must_be_given() -> None:
    with pytest.raises(UndefinedError, match="message"):
        render_page("error.html.j2", title="Failed", here="")


def test_no_template_switches_escaping_off_or_leaves_an_attribute_without_quotes() -> None:
    templates = list(TEMPLATES.glob("*.j2"))
    assert len(templates) >= 9
    for template in templates:
        text = template.read_text("utf-8")
        assert "autoescape" not in text, template.name
        assert "|safe " not in text.replace("}}", " "), template.name
        assert "={{" not in text, template.name


@given(st.lists(st.integers(0, 10**6), max_size=60), TEXT, st.booleans())
def test_a_chart_is_well_formed_whatever_it_shows(counts: list[int], text: str, compact: bool) -> None:
    seen = Seen(bar_chart_svg([Bar(text, text, count) for count in counts], text, compact=compact))
    assert seen.tags.count("rect") == len(counts)
    assert set(seen.tags) <= {"svg", "g", "title", "rect", "text"}
    assert seen.attributes[0]["aria-label"] == f"{text}: {sum(counts)}"
