"""Words from outside become harmless, lengths are Telegram's, and splitting loses and breaks nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.markup import LIMIT, Block, Span, cut_block, join, lines, link, shorten, split, utf16_length
from bot.sanitize import clean, plain, safe_url

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=400)
RUN = st.builds(Span, TEXT, st.booleans(), st.booleans(), st.sampled_from([None, "https://example.org/?a=1&b=2"]))
BLOCK = st.builds(lambda runs: Block(tuple(runs)), st.lists(RUN, max_size=6))


class Strict(HTMLParser):
    """Refuses tags that do not nest, and collects the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"a", "b", "i"}
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Strict:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  two \n\t lines ", "two lines"),
        ("zero\u200bwidth\u200d\ufeff", "zerowidth"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("soft\u00adhyphen and \u2066isolate\u2069", "softhyphen and isolate"),
        ("a\u00a0b\u3000c\u2028d", "a b c d"),
        ("bell\x07 null\x00 ", "bell null"),
        ("Vie\u0323\u0302t Nam", "Việt Nam"),
        ("fillers\u3164\u115f\u2800!", "fillers!"),
    ],
)
def test_letters_that_hide_or_turn_text_round_are_gone(said: str, shown: str) -> None:
    assert clean(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "@durov",
        "write to @admin_bot now",
        "/start",
        "tap /buy",
        "tg://user?id=1",
        "TG://resolve",
        "t.me/joinchat",
        "https://t.me/x",
        "telegram.me/x",
        "T.ME/x",
    ],
)
def test_what_would_call_a_user_or_run_a_command_is_inert_and_readable(said: str) -> None:
    shown = clean(said)
    assert shown.replace("\u2060", "") == said
    assert not re.search(r"@\w|(?<![\w/:.])/[a-z]|\btg:|\b(t|telegram)\.(me|dog)\b", shown, re.IGNORECASE)


@pytest.mark.parametrize("said", ["5/6 of AT&T", "price: $5/share", "a@ b", "24/7", "R&D and/or C#", "report.me"])
def test_ordinary_signs_stay_as_they_are(said: str) -> None:
    assert clean(said).replace("\u2060", "") == said
    assert "\u2060" not in clean(said)


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "tg://user?id=1", "https://t.me/evil", "http://telegram.me/x", "https://sub.t.me/x", "ftp://x.org/"),
        *("data:text/html,x", "//x.org/", "https:///x", "", "https://x.org/ y", "https://x\u202e.org/", "http://[::1"),
    ],
)
def test_addresses_that_are_no_plain_web_page_are_not_linked(url: str) -> None:
    assert safe_url(url) is None
    assert link("text", url).html() == "text"


def test_an_address_cannot_leave_its_attribute() -> None:
    html = link('a "b" <i>', "https://example.org/?q=\"><b>&x='").html()
    parser = read(html)
    assert parser.text == 'a "b" <i>'
    assert parser.links == ["https://example.org/?q=\"><b>&x='"]


@given(TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once.replace("\u2060", "")) == once


@given(st.text(max_size=300))
def test_units_are_those_of_utf_16(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(BLOCK, st.integers(min_value=4, max_value=200))
def test_a_block_is_cut_into_pieces_that_fit_and_keep_every_word(block: Block, limit: int) -> None:
    pieces = cut_block(block, limit)
    assert all(utf16_length(piece.text) <= limit for piece in pieces)
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(block.text.split())


@given(st.lists(BLOCK, max_size=12), st.integers(min_value=60, max_value=LIMIT))
def test_parts_fit_parse_alone_and_together_say_everything(blocks: list[Block], limit: int) -> None:
    parts = split(blocks, limit=limit)
    said = ""
    for number, part in enumerate(parts, 1):
        html, plain = join(part, part=number, parts=len(parts))
        parser = read(html)
        assert utf16_length(parser.text) <= limit
        said += "".join(block.text for block in part)
        assert plain.count("(") >= (len(parts) > 1)
    assert "".join(said.split()) == "".join("".join(block.text for block in blocks).split())


def test_blocks_that_fit_are_never_cut() -> None:
    blocks = [Block((Span("x" * 900),)) for _ in range(10)]
    parts = split(blocks)
    assert [len(part) for part in parts] == [4, 4, 2]
    assert join(parts[1], part=2, parts=3)[1].endswith("(2/3)")


def test_lines_without_text_leave_no_gap() -> None:
    assert lines((Span("a"),), (), (Span(""),), (Span("b"),)).text == "a\nb"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"
    assert shorten("short", 12) == "short"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A new round of financing worth about USD 1 billion", "A new round of financing…"),
        ("Doanh nghiệp này sẽ rót vốn khoảng 200 triệu đồng", "Doanh nghiệp này sẽ rót vốn…"),
        ("The company opens a large centre in the city", "The company opens a large centre…"),
        ("Words that stop at a whole word are left there", "Words that stop at a whole word are…"),
    ],
)
def test_a_cut_text_does_not_end_in_half_a_figure_or_a_word_that_leads_on(text: str, shown: str) -> None:
    assert shorten(text, 40) == shown


def test_a_message_that_begins_in_the_middle_of_a_group_says_its_heading_again() -> None:
    under = (Span("Group", bold=True),)
    blocks = [Block((Span(f"{number} " + "x" * 60),), under) for number in range(5)]
    parts = split(blocks, limit=180, reserve=0)
    texts = [[block.text.splitlines()[0] for block in part] for part in parts]
    assert [text[0] == "Group" for text in texts] == [False, *[True] * (len(parts) - 1)]
    assert all(len("\n\n".join(block.text for block in part)) <= 180 for part in parts)
    assert sum(len(part) for part in parts) == 5


def test_words_from_outside_are_one_line_that_hides_nothing() -> None:
    assert plain("  a\u202eb\u200b\x07c\n\nd\u00a0e  o\u0302 ") == "ab c d e ô"
