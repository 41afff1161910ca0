"""Reasons in words: each code in each language, from the same arguments."""

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

from bot.i18n.reasons import english, reason_in, reasons_in
from bot.i18n.translate import catalog, languages
from seeds.display_names import DisplayNames
from seeds.documents import load_documents
from seeds.load import load_seeds
from watchers.match.matcher import Matcher
from watchers.match.reasons import ARGUMENTS, EVENT, SALIENCE
from watchers.match.result import Reason, Status
from watchers.match.salience.item_kind import KindName
from watchers.models.item import Item

SEEDS = load_seeds()
EXAMPLES: dict[str, Any] = {
    "text": "Nvidia", "name": "FPT", "office": "chief executive", "count": 7, "kind": "share list", "value": 0.01, "limit": 0.15,
    "lang": "en", "langs": ("vi",), "types": ("partnership",), "names": ("Nvidia", "FPT"), "all_names": ("Nvidia", "FPT"),
    "any_names": ("Nvidia", "FPT"), "words": ("chip",), "reasons": (Reason("title.none"), Reason("mentions.times", {"count": 3})),
}  # fmt: skip


def vi(reason: Reason) -> str:
    return reason_in("vi", reason, SEEDS.naming)


def slots(template: str) -> set[str]:
    return {slot for _, slot, _, _ in Formatter().parse(template) if slot}


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_every_code_and_leaves_no_argument_out(language: str) -> None:
    sentences = catalog(language).sentences
    plain = {code: set(names) for code, names in ARGUMENTS.items() if code not in {EVENT, SALIENCE}}
    assert {code: slots(sentences[f"reason.{code}"]) for code in plain} == plain


@pytest.mark.parametrize("language", languages())
def test_every_language_names_the_kinds_of_items_and_the_states_of_events(language: str) -> None:
    wanted = {f"reason.kinds.{kind}" for kind in get_args(KindName) if kind != "news"}
    wanted |= {f"reason.status.{status}" for status in get_args(Status) if status != "done"}
    assert wanted <= catalog(language).sentences.keys()


@pytest.mark.parametrize(
    ("reason", "in_english", "in_vietnamese"),
    [
        (Reason(SALIENCE, {"reasons": (Reason("title.subject", {"text": "Nvidia"}), Reason("mentions.most", {"count": 10}))}),
         '"Nvidia" leads the title; named 10 times, more than all other companies together',
         "“Nvidia” là chủ thể của tiêu đề; được nhắc 10 lần, nhiều hơn mọi công ty khác cộng lại"),
        (Reason("names", {"all_names": ("Nvidia", "Vietnam", "United States")}),
         "names Nvidia and Vietnam and United States", "nhắc đến Nvidia, Việt Nam và Mỹ"),
        (Reason(EVENT, {"type": "acquisition", "actors": ("Nvidia",), "targets": ("VinBrain",), "amount": 2e8, "currency": "USD",
                        "place": "Hanoi", "date": "2024-12-05", "status": "planned", "attributed_to": "Reuters"}),
         "acquisition: Nvidia → VinBrain, 200,000,000 USD, Hanoi, 2024-12-05, planned (according to Reuters)",
         "Mua bán, sáp nhập: Nvidia → VinBrain, 200 triệu USD, Hà Nội, 5/12/2024, dự kiến (theo Reuters)"),
        (Reason(EVENT, {"type": "partnership", "actors": ("Nvidia",), "targets": ("Vietnam",), "mutual": True, "status": "reported"}),
         "partnership: Nvidia with Vietnam, reported", "Hợp tác: Nvidia với Việt Nam, chưa được xác nhận"),
        (Reason(EVENT, {"type": "export_control", "actors": ("Nvidia", "FPT")}),
         "export control: Nvidia and FPT", "Kiểm soát xuất khẩu: Nvidia và FPT"),
        (Reason(EVENT, {"type": "export_control", "place": "Bắc Ninh"}), "export control, Bắc Ninh", "Kiểm soát xuất khẩu, Bắc Ninh"),
        (Reason(EVENT, {"type": "export_control", "date": "2024"}), "export control, 2024", "Kiểm soát xuất khẩu, 2024"),
        (Reason(EVENT, {"type": "export_control", "actors": ("FPT",), "place": "Hanoi, Vietnam", "date": "2024-12"}),
         "export control: FPT, Hanoi, Vietnam, 2024-12", "Kiểm soát xuất khẩu: FPT, Hanoi, Vietnam, 12/2024"),
        (Reason("in_passing", {"name": "China", "value": 0.06, "limit": 0.15, "reasons": (Reason("mentions.nowhere", supports=False),)}),
         "China is only mentioned (salience 0.06, below 0.15): named neither in the title nor in the first sentence",
         "Trung Quốc chỉ được nhắc qua (mức liên quan 0,06, dưới 0,15): không có trong tiêu đề, cũng không có trong câu đầu"),
        (Reason("no_event", {"types": ("export_control", "partnership")}),
         "tells of no export control or partnership", "không có sự kiện: kiểm soát xuất khẩu hoặc hợp tác"),
        (Reason("title.head", {"text": "Donald Trump", "office": "president"}),
         '"Donald Trump", its president, in the title', "“Donald Trump”, tổng thống, có trong tiêu đề"),
        (Reason("title.head", {"text": "Somebody", "office": ""}),
         '"Somebody", its head, in the title', "“Somebody”, người đứng đầu, có trong tiêu đề"),
        (Reason("kind", {"kind": "market report", "text": "vn-index"}),
         'the item is a market report ("vn-index")', "bài này là bản tin thị trường (“vn-index”)"),
        (Reason("other_language", {"lang": "en", "langs": ("vi",)}), "is in en, not in vi", "bài bằng tiếng Anh, không phải tiếng Việt"),
        (Reason("no_word_of_many", {"words": ("chip", "kettle")}),
         "none of its words stands in it: chip, kettle …", "không có từ nào trong số: chip, kettle …"),
    ],
)  # fmt: skip
def test_a_reason_reads_as_a_sentence_in_both_languages(reason: Reason, in_english: str, in_vietnamese: str) -> None:
    assert english([reason]) == [in_english]
    assert reason_in("en", reason, SEEDS.naming) == in_english
    assert vi(reason) == in_vietnamese


@pytest.mark.parametrize("reasons", [(), (Reason("a code of a newer version"),), (Reason(SALIENCE, {"reasons": (Reason("newer"),)}),)])
def test_a_hit_without_known_codes_shows_its_english_sentences(reasons: tuple[Reason, ...]) -> None:
    assert reasons_in("vi", reasons, ["Nvidia leads the title."], SEEDS.naming) == ["Nvidia leads the title."]


def test_stored_codes_give_the_words_of_the_chats_language() -> None:
    reasons = (Reason("title.plain", {"text": "Nvidia"}),)
    assert reasons_in("vi", reasons, english(reasons), SEEDS.naming) == ["“Nvidia” có trong tiêu đề"]
    assert reasons_in("en", reasons, english(reasons), SEEDS.naming) == ['"Nvidia" in the title']


@pytest.mark.parametrize("code", [code for code in ARGUMENTS if code not in {EVENT, SALIENCE}])
def test_no_english_words_stay_in_the_vietnamese_form(code: str) -> None:
    reason = Reason(code, {name: EXAMPLES[name] for name in ARGUMENTS[code]})
    assert vi(reason) != reason_in("en", reason, DisplayNames())
    assert not {"the", "title", "named", "in", "is", "not", "of", "only"} & set(vi(reason).split())


def test_every_reason_over_the_packaged_documents_and_labelled_news_has_a_vietnamese_form(shared: Path) -> None:
    items = [Item(feed="", title=document.title, text=document.text, lang=document.lang) for document in load_documents()]
    lines = (shared / "eval" / "dev.jsonl").read_text().splitlines()[::3]
    items += [Item(feed="", title=line["title"], text=line["text"], lang=line["lang"]) for line in map(json.loads, lines)]
    matcher = Matcher(SEEDS)
    found = [matcher.match(item, explain=True) for item in items]
    words = {
        reason_in("en", reason, SEEDS.naming): vi(reason)
        for match in found
        for result in (*match.hits, *match.misses)
        for reason in result.reasons
    }
    assert len(words) > 150
    assert [sentence for sentence, vietnamese in words.items() if sentence == vietnamese] == []
