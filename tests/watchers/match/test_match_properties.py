"""What holds for every text: places are right, nothing is raised, order does not matter, time grows with length and no faster."""

from __future__ import annotations

import pickle
import time
import unicodedata
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seeds.folding import without_accents
from seeds.rules import Rule
from tests.watchers.match.world import MATCHER, WORLD, read, seeds
from watchers.match.matcher import Matcher
from watchers.models.item import Item
from watchers.text.fold import _SECOND_HALVES, FoldedText, fold

NAMES = [name.text for entity in WORLD for name in entity.all_names()]
PIECES = st.one_of(
    st.sampled_from(NAMES), st.sampled_from([name.upper() for name in NAMES]), st.text(max_size=8),
    st.sampled_from([" ", "  ", "\n", "\u00a0", "\u00ad", "\u200b", ", ", ". ", "(", ")", "$", ":"]),
    st.sampled_from(["\u0301", "\u0323", "İ", "ß", "ﬁ", "각", "각", "क़"]),
)  # fmt: skip
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
TEXTS = st.tuples(st.lists(PIECES, max_size=14).map("".join), st.sampled_from((None, *FORMS))).map(
    lambda pair: unicodedata.normalize(pair[1], pair[0]) if pair[1] else pair[0]
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["", "en", "vi"]))
def test_every_place_points_at_the_text_given(title: str, summary: str, text: str, lang: str) -> None:
    read(title, text, lang=lang, summary=summary)


@QUICK
@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_is_raised_whatever_the_characters(text: str) -> None:
    read(text, text + " Nvidia " + text, lang="")


@QUICK
@given(TEXTS)
def test_the_way_back_is_the_way_there(text: str) -> None:
    folded = FoldedText(text)
    last = 0
    for i in range(len(folded.text)):
        start, end = folded.back(i, i + 1)
        assert last <= start < end <= len(text)
        last = start
        assert folded.text[i] in fold(text[start:end]) or folded.text[i] == " " or len(text[start:end]) > 1 or not text.isascii()


def test_the_characters_that_compose_with_the_one_before_are_all_known() -> None:
    missing = []
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            first, second = (chr(int(part, 16)) for part in parts)
            if unicodedata.normalize("NFC", first + second) == chr(code) and not unicodedata.combining(second):
                missing += [second] if not _SECOND_HALVES.match(second) else []
    assert missing == []
    assert unicodedata.normalize("NFC", "\u1100\u1161\u11a8") == "\uac01"
    assert _SECOND_HALVES.match("\u1161")
    assert _SECOND_HALVES.match("\u11a8")


@QUICK
@given(st.randoms(use_true_random=False), TEXTS)
def test_the_order_of_entities_and_rules_does_not_matter(random: object, text: str) -> None:
    rules = [Rule(id=f"r{i}", any=(entity.id,), about=i % 2 == 0) for i, entity in enumerate(WORLD)]
    shuffled, mixed = list(WORLD), list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one = Matcher(seeds(*rules)).match(Item(feed="", title=text, text=text), explain=True)
    other = Matcher(seeds(*mixed, entities=tuple(shuffled))).match(Item(feed="", title=text, text=text), explain=True)
    assert one == other


@QUICK
@given(TEXTS)
def test_what_may_not_match_does_not(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    if not MATCHER.may_match(fold(normal).encode("utf-8", "surrogatepass")):
        assert read(normal).mentions == ()


PILES = {
    "a name again and again": "FPT ",
    "symbols in a row": "VIC, ",
    "an address without an end": "a.b-c@",
    "capitals joined": "A&B-",
    "brackets": "((",
    "spaces between marks": "e\u0301  \n",
    "words before a subject": "chip giant ",
    "decomposed words": unicodedata.normalize("NFD", "Đà Nẵng mở "),
    "full stops": "FPT. ",
    "hyphens": " - a",
}


def seconds(pile: str, size: int) -> float:
    """How long an item of `size` characters takes that says nothing but `pile`."""
    text = (pile * (size // len(pile) + 1))[:size]
    item = Item(feed="", title=text[: size // 4], text=text, lang="vi")
    started = time.perf_counter()
    MATCHER.match(item)
    return time.perf_counter() - started


@pytest.mark.full
@pytest.mark.parametrize("pile", ["FPT ", "Nvidia opens a school in Hanoi, the company said. "])
def test_time_grows_no_faster_up_to_ten_megabytes(pile: str) -> None:
    seconds(pile, 10_000)  # languages are loaded by the first text
    assert seconds(pile, 8_000_000) < 10 * 3 * seconds(pile, 800_000) + 1  # with the title, ten megabytes against one


@pytest.mark.parametrize("pile", PILES.values(), ids=PILES)
def test_time_grows_with_length_and_no_faster(pile: str) -> None:
    small = min(seconds(pile, 10_000) for _ in range(3))
    large = min(seconds(pile, 60_000) for _ in range(2))
    assert large < 6 * 5 * small + 0.25  # a quadratic step would cost 36 times as much, and seconds


def test_a_matcher_is_the_same_after_a_journey_to_another_process() -> None:
    matcher = Matcher(seeds(Rule(id="r", any=("nvidia",))))
    item = Item(feed="", title="Nvidia opens a school in Đà Nẵng")
    assert pickle.loads(pickle.dumps(matcher)).match(item) == matcher.match(item)


@QUICK
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60))
def test_without_accents_every_letter_stays_and_every_mark_goes(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text.translate(str.maketrans("đĐðÐɖƉ", "dDdDdD")))
    assert without_accents(text) == (text if text.isascii() else "".join(one for one in decomposed if not unicodedata.combining(one)))
