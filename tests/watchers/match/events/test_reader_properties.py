"""What holds for every text: reading events never raises, its sentences stand where it says, and time grows with length only."""

from __future__ import annotations

import time
import unicodedata
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seeds.load import load_seeds
from watchers.match.events.pattern_catalog import EventPatterns
from watchers.match.events.reader import EventReader
from watchers.match.language.date_expressions import read_dates
from watchers.match.language.money import read_money
from watchers.match.language.sentences import compose, read_sentences
from watchers.match.result import Field, Mention

SEEDS = load_seeds()
READER = EventReader(SEEDS.events, SEEDS.entities)
NOW = datetime(2025, 7, 16, tzinfo=UTC)
BITS = st.sampled_from([
    "Nvidia", "FPT", "Vingroup", "U.S.", "Hà Nội", "signs", "a memorandum", "acquired by", "sẽ rót", "200 triệu USD", "$1.6 billion",
    "between 3 and",
    "nhà máy", "được", "bị", "khởi công", "not", "không", "according to", "theo", "-", ",", ".", "…", "(", "“", "\n", "on Thursday",
    "31/2", "30/02/2025",
    "tháng 13", "Feb. 30", "99/99", "tỷ", "cổ phiếu", "\u0301", "\u200b", "\ud7ff", "đ", "İ", "ß", "🤖", "to", "- NIKKEI", "{company}",
    "\u2029", "1.2.3.4",
])
TEXTS = st.one_of(st.text(max_size=120), st.lists(st.one_of(BITS, st.text(max_size=8)), max_size=30).map(" ".join))


@st.composite
def items(draw: st.DrawFn) -> tuple[dict[Field, str], list[Mention]]:
    fields: dict[Field, str] = {"title": draw(TEXTS), "summary": draw(TEXTS), "text": draw(TEXTS)}
    mentions = []
    for field in draw(st.lists(st.sampled_from(["title", "summary", "text"]), max_size=6)):
        start = draw(st.integers(0, max(len(fields[field]), 1)))
        end = draw(st.integers(start, start + 12))
        entity = draw(st.sampled_from(["nvidia", "fpt", "hanoi", "us", "jensen-huang", "nobody"]))
        mentions.append(Mention(entity, fields[field][start:end], field, start, min(end, len(fields[field]))))
    return fields, mentions


BOOKS = {lang: EventPatterns(SEEDS.events, lang) for lang in ("en", "vi")}


@settings(max_examples=150, deadline=None)
@given(items(), st.sampled_from(["en", "vi"]))
def test_a_sentence_passed_over_tells_nothing(item: tuple[dict[Field, str], list[Mention]], lang: str) -> None:
    fields, mentions = item
    for field, text in fields.items():
        sentences = read_sentences(field, text, [mention for mention in mentions if mention.field == field], SEEDS.entities)
        lazy, whole = BOOKS[lang].read(sentences), BOOKS[lang].read_all(sentences, range(len(sentences)))
        assert [matches.told for matches in lazy] == [matches.told for matches in whole]
        assert [matches.cues for matches in lazy] == [matches.cues for matches in whole]
        assert [matches.source_after for matches in lazy] == [matches.source_after for matches in whole]


@settings(max_examples=200, deadline=None)
@given(items(), st.sampled_from(["en", "vi", ""]), st.sampled_from([None, NOW]))
def test_reading_never_raises_and_points_at_whole_sentences(
    item: tuple[dict[Field, str], list[Mention]], lang: str, published: datetime | None
) -> None:
    fields, mentions = item
    for event in READER.read(fields, mentions, lang=lang, published=published):
        assert event.type in SEEDS.events
        assert 0 <= event.start < event.end <= len(fields[event.field])
        if all(mention.text == mention.text.strip() for mention in mentions):  # as matching makes them: a sentence holds its mentions whole
            assert fields[event.field][event.start:event.end].strip() == fields[event.field][event.start:event.end]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_composing_keeps_the_way_back(text: str) -> None:
    composed, offsets = compose(text)
    assert composed == unicodedata.normalize("NFC", text) or offsets is not None
    if offsets is not None:
        assert len(offsets) == len(composed) + 1
        assert offsets == sorted(offsets)
        assert offsets[-1] == len(text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_tokens_stand_in_order_where_they_say(text: str) -> None:
    last = 0
    for sentence in read_sentences("text", text, (), SEEDS.entities):
        for token in sentence.tokens:
            assert last <= token.start < token.end <= len(text)
            last = token.end


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, st.text("ab-_ .\n\u2003\u0301é5/", max_size=30)))
@example("0-_")
def test_spaced_words_stand_where_their_tokens_do(text: str) -> None:
    for sentence in read_sentences("text", text, (), SEEDS.entities):
        spaced = list(" " * len(sentence.spaced))
        for token in sentence.tokens:
            spaced[token.start - sentence.start:token.end - sentence.start] = token.text
        if sentence.words_of.offsets is None:
            assert sentence.spaced.rstrip() == "".join(spaced).rstrip()


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([None, NOW.date()]))
def test_sums_and_dates_never_raise_and_never_overlap(text: str, published: datetime | None) -> None:
    for found in (read_money(text), read_dates(text, published)):
        for one, other in pairwise(found):
            assert one.end <= other.start


@pytest.mark.parametrize("unit", [
    "Nvidia signs deal with FPT to build a $200 million plant in Hanoi on Thursday. ", "sign a plan to build a ", "1.000 tỷ ",
    "theo FPT, ", "A b C ", "5/5 ",
    "(", "May ", "to ", "nhà máy xây ",
])
def test_time_grows_with_length_only(unit: str) -> None:
    def cost(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = 9.9
        for _ in range(3):
            start = time.process_time()
            READER.read({"text": text}, (), lang="en", published=NOW)
            best = min(best, time.process_time() - start)
        return best

    cost(1000)
    small, large = cost(5_000), cost(40_000)
    assert large < 25 * max(small, 0.002)
