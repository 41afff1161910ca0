"""Elements: text is text whatever it holds."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from bot.web.html import Html, el, link, page


class Seen(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=60))
def test_any_text_comes_out_of_a_page_as_it_went_in(text: str) -> None:
    seen = Seen(el("p", text, title=text))
    assert seen.tags == ["p"]
    assert seen.words == text
    assert seen.attributes == {"title": text}


@given(st.text(max_size=60))
def test_any_text_at_all_is_one_element_that_can_be_sent(text: str) -> None:
    made = page(text, el("p", text))
    made.encode("utf-8")
    assert Seen(made).tags == ["html", "head", "meta", "meta", "meta", "title", "link", "link", "body", "p"]


def test_elements_nest_and_attributes_come_and_go() -> None:
    inner = el("b", "1 < 2")
    assert el("p", "a", None, [inner, ("&",)], class_="x", aria_label='"', hidden=True, id=None, title=False) == (
        '<p class="x" aria-label="&quot;" hidden>a<b>1 &lt; 2</b>&amp;</p>'
    )
    assert isinstance(inner, Html)
    assert el("input", value="a") == '<input value="a">'


def test_an_address_that_is_none_is_shown_without_a_link() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "https://a b", "https:\n//x", ""):
        assert link("x", url) == "<span>x</span>", url
    assert link("x", 'https://a.example/?q="&b=<') == (
        '<a href="https://a.example/?q=&quot;&amp;b=&lt;" rel="noreferrer noopener">x</a>'
    )  # fmt: skip
