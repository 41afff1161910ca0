"""Reasons in Vietnamese: each template has one, and what matching says reads as a Vietnamese sentence."""

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from bot.i18n import reasons_vi
from bot.i18n.reasons import reason_in
from seeds.documents import load_documents
from seeds.load import load_seeds
from watchers.match.matcher import Matcher
from watchers.match.reasons import JOINERS, TEMPLATES, reason
from watchers.match.salience.item_kind import KindName
from watchers.models.item import Item

SEEDS = load_seeds()


def vi(sentence: str) -> str:
    return reason_in("vi", sentence, SEEDS.naming)


def slots(template: str) -> set[str]:
    return {slot for _, slot, _, _ in Formatter().parse(template) if slot}


def test_every_template_has_a_vietnamese_form_that_leaves_nothing_out() -> None:
    assert reasons_vi.REASONS.keys() == TEMPLATES.keys()
    assert {one for one in TEMPLATES if slots(TEMPLATES[one]) != slots(reasons_vi.REASONS[one])} == set()
    assert reasons_vi.BETWEEN.keys() == JOINERS.keys()
    assert reasons_vi.KINDS.keys() == set(get_args(KindName)) - {"news"}


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ('"Nvidia" leads the title; named 10 times, more than all other companies together',
         "“Nvidia” là chủ thể của tiêu đề; được nhắc 10 lần, nhiều hơn mọi công ty khác cộng lại"),
        ("names Nvidia and Vietnam and United States", "nhắc đến Nvidia, Việt Nam và Mỹ"),
        ("acquisition: Nvidia → VinBrain, 200,000,000 USD, Hanoi, 2024-12-05, planned (according to Reuters)",
         "Mua bán, sáp nhập: Nvidia → VinBrain, 200 triệu USD, Hà Nội, 5/12/2024, dự kiến (theo Reuters)"),
        ("partnership: Nvidia with Vietnam, reported", "Hợp tác: Nvidia với Việt Nam, chưa được xác nhận"),
        ("China is only mentioned (salience 0.06, below 0.15): named neither in the title nor in the first sentence",
         "Trung Quốc chỉ được nhắc qua (mức liên quan 0,06, dưới 0,15): không có trong tiêu đề, cũng không có trong câu đầu"),
        ("tells of no export control or partnership", "không có sự kiện: kiểm soát xuất khẩu hoặc hợp tác"),
        ('"Donald Trump", its president, in the title', "“Donald Trump”, tổng thống, có trong tiêu đề"),
        ('"Somebody", its head, in the title', "“Somebody”, người đứng đầu, có trong tiêu đề"),
        ('the item is a market report ("vn-index")', "bài này là bản tin thị trường (“vn-index”)"),
        ("is in en, not in vi", "bài bằng tiếng Anh, không phải tiếng Việt"),
    ],
)  # fmt: skip
def test_what_matching_says_reads_as_vietnamese(english: str, vietnamese: str) -> None:
    assert vi(english) == vietnamese
    assert reason_in("en", english, SEEDS.naming) == english


def test_a_sentence_that_no_template_made_stays_as_it_is() -> None:
    assert vi("Something an older version said.") == "Something an older version said."


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_leaves_english_words_in_the_vietnamese_form(template: str) -> None:
    given = dict.fromkeys(slots(TEMPLATES[template]), "7") | {"value": "0.01", "limit": "0.15"}
    given = {slot: text for slot, text in given.items() if slot in slots(TEMPLATES[template])}
    given |= {"lang": "en"} if "lang" in given else {}
    told = vi(reason(template, **given))
    assert told != reason(template, **given)
    assert not {"the", "title", "named", "in", "is", "not", "of", "only"} & set(told.split())


def test_every_reason_over_the_packaged_documents_and_labelled_news_has_a_vietnamese_form(shared: Path) -> None:
    items = [Item(feed="", title=document.title, text=document.text, lang=document.lang) for document in load_documents()]
    lines = (shared / "eval" / "dev.jsonl").read_text().splitlines()[::3]
    items += [Item(feed="", title=one["title"], text=one["text"], lang=one["lang"]) for one in map(json.loads, lines)]
    matcher = Matcher(SEEDS)
    found = [matcher.match(item, explain=True) for item in items]
    said = {why for match in found for hit in match.hits for why in hit.why} | {
        why for match in found for miss in match.misses for why in miss.why
    }
    assert len(said) > 150
    assert [one for one in said if vi(one) == one] == []
