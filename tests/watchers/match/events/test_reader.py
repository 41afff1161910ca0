"""What happened, read from items that a newsroom could have written: type, parts and status, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seeds.documents import load_documents
from seeds.events import EventType, Trigger
from seeds.load import load_seeds
from watchers.match.events.reader import EventReader
from watchers.match.matcher import Matcher
from watchers.match.result import Amount, Event, UnknownName
from watchers.models.item import Item

PUBLISHED = datetime(2025, 7, 16, 9, 0, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_seeds())


def read(matcher: Matcher, title: str, text: str = "", *, lang: str = "en") -> tuple[Event, ...]:
    return matcher.match(Item(feed="", title=title, text=text, lang=lang, published=PUBLISHED)).events


def only(events: tuple[Event, ...], kind: str) -> Event:
    found = [event for event in events if event.type == kind]
    assert len(found) == 1, [event.type for event in events]
    return found[0]


@pytest.mark.parametrize(("title", "lang", "kind"), [
    ("Nvidia and Samsung sign memorandum on memory for robots", "en", "partnership"),
    ("FPT bắt tay hãng bảo hiểm Nhật phát triển trợ lý ảo", "vi", "partnership"),
    ("Nvidia acquires Danish networking startup", "en", "acquisition"),
    ("Vingroup mua lại một chuỗi bệnh viện ở miền Trung", "vi", "acquisition"),
    ("Nvidia invests $300 million in a maker of optical links", "en", "investment"),
    ("FPT rót 90 triệu USD vào công ty bán dẫn", "vi", "investment"),
    ("Amkor breaks ground on second test plant", "en", "facility"),
    ("Vingroup khởi công nhà máy pin ở Quảng Trị", "vi", "facility"),
    ("Nvidia to open a design centre in Hanoi", "en", "facility"),
    ("VinFast unveils a three-row electric SUV", "en", "product"),
    ("FPT ra mắt trợ lý AI cho bệnh viện", "vi", "product"),
    ("FPT wins five-year contract from a Malaysian insurer", "en", "order"),
    ("FPT Software trúng thầu hệ thống thuế 40 triệu USD", "vi", "order"),
    ("China issues rules on driver-assistance software, Nvidia watches", "en", "regulation"),
    ("Quốc hội thông qua luật dữ liệu, FPT chuẩn bị", "vi", "regulation"),
    ("U.S. bars export of two more Nvidia chips to China", "en", "export_control"),
    ("Mỹ siết xuất khẩu chip Nvidia sang Trung Quốc", "vi", "export_control"),
    ("Vietnam and Japan issue joint statement, name Nvidia's project", "en", "diplomacy"),
    ("Jensen Huang visits FPT campus in Da Nang", "en", "visit"),
    ("Thủ tướng thăm nhà máy Amkor tại Bắc Ninh", "vi", "visit"),
    ("Amkor quarterly profit rises 12%", "en", "earnings"),
    ("FPT báo lãi 2.700 tỷ đồng trong quý II", "vi", "earnings"),
    ("Nvidia shares slip after analyst cuts price target", "en", "market"),
    ("Cổ phiếu FPT giảm sàn, khối ngoại bán ròng", "vi", "market"),
    ("FPT names new chief executive for its chip arm", "en", "personnel"),
    ("Vinhomes bổ nhiệm tân tổng giám đốc", "vi", "personnel"),
    ("Nvidia sued by two novelists over training data", "en", "legal"),
    ("VinFast kiện một kênh video vì thông tin sai sự thật", "vi", "legal"),
])
def test_a_headline_tells_its_type(matcher: Matcher, title: str, lang: str, kind: str) -> None:
    assert kind in {event.type for event in read(matcher, title, lang=lang)}


@pytest.mark.parametrize(("title", "lang"), [
    ("Nvidia has not signed a partnership with the ministry", "en"),
    ("FPT chưa ký hợp tác với trường nào", "vi"),
    ("FPT University student wins chess medal in Prague", "en"),
    ("Đại học FPT thắng trận mở màn giải bóng đá sinh viên", "vi"),
    ("How Nvidia became the engine of a quiet revolution", "en"),
])
def test_what_did_not_happen_or_is_no_news_is_no_event(matcher: Matcher, title: str, lang: str) -> None:
    assert read(matcher, title, lang=lang) == ()


def test_an_event_knows_who_how_much_where_when_and_by_whom(matcher: Matcher) -> None:
    event = only(read(matcher, "Amkor to build $750 million test plant in Bac Ninh",
                      "Amkor will break ground on Monday and build the plant in Bac Ninh by 2027, according to Reuters."), "facility")
    assert event.actors == ("amkor",)
    assert event.amount == Amount(750_000_000, "USD")
    assert event.place == "Bac Ninh"
    assert event.date == "2025-07-14"
    assert event.status == "planned"
    assert event.attributed_to == "Reuters"


def test_the_passive_turns_the_sides_round(matcher: Matcher) -> None:
    event = only(read(matcher, "VinBrain acquired by Nvidia"), "acquisition")
    assert event.actors == ("nvidia",)
    assert event.targets == ("vinbrain",)


def test_the_vietnamese_passive_too(matcher: Matcher) -> None:
    event = only(read(matcher, "VinBrain được Nvidia mua lại", lang="vi"), "acquisition")
    assert event.actors == ("nvidia",)


def test_who_buys_acts_where_somebody_sells(matcher: Matcher) -> None:
    event = only(read(matcher, "Vingroup sells VinBrain unit to Nvidia"), "acquisition")
    assert event.actors == ("nvidia",)
    assert "vinbrain" in event.targets


def test_who_orders_acts_where_somebody_wins_the_order(matcher: Matcher) -> None:
    event = only(read(matcher, "FPT wins $30 million contract from Samsung"), "order")
    assert event.actors == ("samsung",)
    assert event.targets == ("fpt",)


@pytest.mark.parametrize(("text", "lang", "kind", "name"), [
    ("Export licences for the chip were granted by the U.S. Harbour Commission.", "en", "export_control", "U.S. Harbour Commission"),
    ("Cục Hàng hải và Đường thủy ban hành quy định mới về tàu tự lái.", "vi", "regulation", "Cục Hàng hải và Đường thủy"),
])
def test_authorities_act_by_their_whole_name(matcher: Matcher, text: str, lang: str, kind: str, name: str) -> None:
    assert only(read(matcher, "", f"{text} Nvidia.", lang=lang), kind).actors == (UnknownName(name),)


def test_partners_all_act(matcher: Matcher) -> None:
    event = only(read(matcher, "FPT, Nvidia and Samsung team up on robots"), "partnership")
    assert set(event.actors) == {"fpt", "nvidia", "samsung"}


def test_a_company_nobody_knows_acts_by_its_name(matcher: Matcher) -> None:
    text = "Kestrel Dynamics has acquired VinBrain from Vingroup for $40 million."
    event = only(read(matcher, "Rival buys VinBrain stake", text), "acquisition")
    assert UnknownName("Kestrel Dynamics") in event.actors


@pytest.mark.parametrize(("title", "lang", "status"), [
    ("Amkor opens test plant", "en", "done"),
    ("Amkor plans to open test plant", "en", "planned"),
    ("Amkor sẽ mở nhà máy thứ ba", "vi", "planned"),
    ("Amkor reportedly acquires rival", "en", "reported"),
    ("Nvidia in talks to acquire chip startup", "en", "reported"),
    ("Rộ tin FPT mua lại hãng phần mềm Pháp", "vi", "reported"),
    ("FPT denies it will acquire a French software firm", "en", "denied"),
    ("FPT bác tin mua lại hãng phần mềm Pháp", "vi", "denied"),
])
def test_words_of_plan_rumour_and_denial_change_the_status(matcher: Matcher, title: str, lang: str, status: str) -> None:
    events = read(matcher, title, lang=lang)
    assert events
    assert events[0].status == status


@pytest.mark.parametrize(("text", "lang", "source"), [
    ("Nvidia acquired a startup, according to Bloomberg.", "en", "Bloomberg"),
    ("Nvidia acquired a startup, Reuters reported.", "en", "Reuters"),
    ("NVIDIA ACQUIRES STARTUP - NIKKEI", "en", "NIKKEI"),
    ("Theo Nikkei, Nvidia mua lại một startup.", "vi", "Nikkei"),
    ("Nvidia mua lại một startup, Reuters đưa tin.", "vi", "Reuters"),
])
def test_the_source_is_named(matcher: Matcher, text: str, lang: str, source: str) -> None:
    assert only(read(matcher, text, lang=lang), "acquisition").attributed_to == source


def test_capitals_throughout_are_read(matcher: Matcher) -> None:
    assert only(read(matcher, "VINGROUP KHỞI CÔNG NHÀ MÁY Ở HÀ TĨNH", lang="vi"), "facility").actors == ("vingroup",)


def test_vietnamese_without_accents_is_read(matcher: Matcher) -> None:
    event = only(read(matcher, "VinFast khoi cong nha may pin tai Ha Tinh", lang="vi"), "facility")
    assert event.actors == ("vinfast",)


def test_decomposed_accents_keep_their_offsets(matcher: Matcher) -> None:
    import unicodedata

    title = unicodedata.normalize("NFD", "Vingroup khởi công nhà máy. Giá vé xe buýt giữ nguyên.")
    event = only(read(matcher, title, lang="vi"), "facility")
    assert title[event.start:event.end] == unicodedata.normalize("NFD", "Vingroup khởi công nhà máy.")


def test_the_title_outweighs_what_stands_beside_it(matcher: Matcher) -> None:
    events = read(matcher, "Amkor quarterly profit rises 12%", "Amkor posted a profit of $120 million. Orders stayed firm. "
                  "Last year it had opened a plant in Bac Ninh. Its shares rose.")
    assert [event.type for event in events] == ["earnings"]
    assert events[0].amount == Amount(120_000_000, "USD")


def test_a_new_type_needs_data_alone() -> None:
    seeds = load_seeds()
    drill = EventType(id="drill", names={"en": "Fire drill"}, place=True, triggers=(
        Trigger(lang="en", patterns=("hold~ .. (fire|evacuation) drill+",)),
        Trigger(lang="vi", patterns=("diễn tập .. (chữa cháy|sơ tán)",)),
    ))
    matcher = Matcher(seeds.__class__(seeds.entities, {**seeds.events, "drill": drill}, seeds.rules, seeds.feeds))
    event = only(read(matcher, "Amkor holds yearly evacuation drill in Bac Ninh"), "drill")
    assert event.actors == ("amkor",)
    assert event.place == "Bac Ninh"
    assert only(read(matcher, "Amkor diễn tập chữa cháy", lang="vi"), "drill").actors == ("amkor",)


def test_the_seed_documents_give_all_their_events(matcher: Matcher) -> None:
    for document in load_documents():
        item = Item(feed="", title=document.title, text=document.text, lang=document.lang, published=document.published)
        events = matcher.match(item).events
        for wanted in document.expect.events:
            assert any(
                event.type == wanted.type
                and set(wanted.actors) <= set(event.actors)
                and set(wanted.targets) <= set(event.targets)
                and set(wanted.entities) <= {*event.actors, *event.targets}
                and (wanted.amount is None or event.amount == Amount(wanted.amount, wanted.currency or ""))
                and (wanted.place is None or event.place == wanted.place)
                and (wanted.date is None or event.date == wanted.date)
                and (wanted.status is None or event.status == wanted.status)
                and (wanted.attributed_to is None or event.attributed_to == wanted.attributed_to)
                for event in events
            ), (wanted.tells, events)


def test_no_text_no_event() -> None:
    seeds = load_seeds()
    reader = EventReader(seeds.events, seeds.entities)
    assert reader.read({}, (), lang="en", published=None) == ()
    assert reader.read({"title": " \n ", "text": ""}, (), lang="", published=None) == ()


@pytest.mark.parametrize(("title", "lang", "kind"), [
    ("Jensen Huang visits a fish market in Taipei", "en", "visit"),
    ("Bắc Ninh khởi công nhà máy bao bì 90 triệu USD", "vi", "facility"),
])
def test_an_item_that_names_a_person_or_a_place_only_is_read_too(matcher: Matcher, title: str, lang: str, kind: str) -> None:
    assert kind in {event.type for event in read(matcher, title, lang=lang)}


@pytest.mark.parametrize(("title", "lang", "kind"), [
    ("Intel sẽ sản xuất chip cho Samsung tại Mỹ", "vi", "export_control"),
    ("Polestar banned from selling cars in US, Nvidia unmoved", "en", "export_control"),
    ("M&A Việt Nam có thể đạt 8 tỷ USD, FPT chờ đợi", "vi", "acquisition"),
    ("Samsung góp 110 tỷ USD xuất khẩu", "vi", "investment"),
])
def test_words_in_another_sense_tell_nothing(matcher: Matcher, title: str, lang: str, kind: str) -> None:
    assert kind not in {event.type for event in read(matcher, title, lang=lang)}
