"""Who acts, whose word it is, where, when and how sure: one rule of grammar each, on texts of our own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seeds.load import load_seeds
from watchers.match.matcher import Matcher
from watchers.match.result import Amount, Event, UnknownName
from watchers.models.item import Item

PUBLISHED = datetime(2025, 7, 16, 9, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_seeds())


def event(matcher: Matcher, kind: str, title: str, text: str = "", lang: str = "en") -> Event:
    found = matcher.match(Item(feed="", title=title, text=text, lang=lang, published=PUBLISHED)).events
    told = [one for one in found if one.type == kind]
    assert told, (kind, found)
    return told[0]


@pytest.mark.parametrize(("text", "source"), [
    ("FPT opened an office in Porto, two people told the Lisbon Courier Daily.", "Lisbon Courier Daily"),
    ("FPT opened an office in Porto, its Iberian unit told the stock exchange.", "Iberian unit"),
    ("FPT opened an office in Porto, the city council said on Monday.", "city council"),
    ("FPT opened an office in Porto, according to a filing in Hanoi.", "filing"),
    ("FPT opened an office in Porto, according to people cited by Reuters.", "Reuters"),
])
def test_a_source_is_a_paper_a_party_an_office_or_a_document(matcher: Matcher, text: str, source: str) -> None:
    assert event(matcher, "facility", "FPT opens office in Porto", text).attributed_to == source


def test_what_a_company_announces_of_itself_has_no_source_what_it_says_has(matcher: Matcher) -> None:
    assert event(matcher, "earnings", "VinFast loss widens", "VinFast reported a net loss of $90 million.").attributed_to is None
    assert event(matcher, "earnings", "VinFast loss widens", "VinFast said its net loss was $90 million.").attributed_to == "VinFast"


def test_words_of_speech_may_stand_behind_office_and_date(matcher: Matcher) -> None:
    text = "CEO Jensen Huang hôm 14/7 cho biết Nvidia sẽ mở văn phòng tại Đà Nẵng."
    told = event(matcher, "facility", "Nvidia mở văn phòng tại Đà Nẵng", text, lang="vi")
    assert told.attributed_to == "Jensen Huang"


def test_who_denies_is_the_source_and_no_buyer_is_made_up(matcher: Matcher) -> None:
    told = event(matcher, "acquisition", "Vingroup dismisses reports of Vinmec sale")
    assert (told.status, told.attributed_to, told.actors) == ("denied", "Vingroup", ())


def test_who_is_fined_does_not_act_the_authority_does(matcher: Matcher) -> None:
    told = event(matcher, "legal", "Amkor bị phạt 90 triệu đồng", "UBND tỉnh Bắc Ninh xử phạt Amkor 90 triệu đồng.", lang="vi")
    assert told.actors == (UnknownName("UBND tỉnh Bắc Ninh"),)


def test_the_ministry_acts_where_the_headline_names_its_country(matcher: Matcher) -> None:
    text = "The U.S. Commerce Department tightened export rules for AI chips."
    told = event(matcher, "export_control", "U.S. tightens chip export rules", text)
    assert told.actors == (UnknownName("U.S. Commerce Department"),)


def test_the_head_of_a_company_acts_not_the_company_that_names_the_office(matcher: Matcher) -> None:
    told = event(matcher, "investment", "Ông Phạm Nhật Vượng góp thêm 700 tỷ đồng vào GSM",
                 "Chủ tịch Vingroup Phạm Nhật Vượng góp thêm 700 tỷ đồng vào GSM.", lang="vi")
    assert told.actors == ("pham-nhat-vuong",)


def test_a_name_that_only_describes_does_not_act(matcher: Matcher) -> None:
    told = event(matcher, "market", "Amkor jumps 5%", "The Ruritania semiconductor index closed higher and Amkor shares jumped 5%.")
    assert told.actors == ("amkor",)


def test_the_place_of_a_dateline_and_of_a_seat(matcher: Matcher) -> None:
    assert event(matcher, "facility", "Ground broken for Amkor plant", "TUCSON - Amkor broke ground for a plant.").place == "TUCSON"
    text = "The Hanoi-based FPT opened a lab in the coastal town of Espinho."
    assert event(matcher, "facility", "FPT opens lab", text).place == "Espinho"


def test_an_end_of_a_route_is_no_place(matcher: Matcher) -> None:
    told = event(matcher, "order", "VinSpeed đặt mua 20 đoàn tàu", "VinSpeed đặt mua 20 đoàn tàu cho tuyến Hà Nội - Quảng Ninh.", lang="vi")
    assert told.place != "Hà Nội"


def test_the_day_of_a_speech_is_not_the_day_of_the_event(matcher: Matcher) -> None:
    text = "Amkor will build a plant in Porto, the company said on Monday."
    assert event(matcher, "facility", "Amkor to build Porto plant", text).date is None


def test_a_planned_month_without_a_year_is_the_one_to_come(matcher: Matcher) -> None:
    text = "FPT sẽ xây trung tâm dữ liệu tại Đà Nẵng, khởi công tháng 3."
    assert event(matcher, "facility", "FPT sẽ xây trung tâm dữ liệu tại Đà Nẵng", text, lang="vi").date == "2026-03"


@pytest.mark.parametrize(("title", "lang", "status"), [
    ("U.S. to look at easing chip export curbs", "en", "planned"), ("Amkor opens Porto plant in 2028", "en", "planned"),
    ("Amkor opened a plant in Porto last May", "en", "done"), ("UBND Bắc Ninh quyết định xử phạt Amkor 90 triệu đồng", "vi", "done"),
    ("FPT lộ thông tin mua lại công ty phần mềm Nhật Bản", "vi", "reported"),
])
def test_status_comes_from_words_that_stand_for_themselves(matcher: Matcher, title: str, lang: str, status: str) -> None:
    found = matcher.match(Item(feed="", title=title, lang=lang, published=PUBLISHED)).events
    assert found
    assert found[0].status == status


def test_more_than_half_is_a_takeover_less_is_an_investment(matcher: Matcher) -> None:
    assert event(matcher, "acquisition", "FPT buys 70% of Nordic consultancy").actors == ("fpt",)
    kinds = {one.type for one in matcher.match(Item(feed="", title="Samsung buys 12% of FPT", lang="en")).events}
    assert kinds == {"investment"}


def test_a_sum_belongs_to_one_event(matcher: Matcher) -> None:
    title = "Amkor invests $500 million in new plant in Porto"
    assert event(matcher, "investment", title).amount == Amount(500_000_000, "USD")
    assert event(matcher, "facility", title).amount is None


def test_a_source_in_the_last_line_stands_for_the_whole_text(matcher: Matcher) -> None:
    text = "Amkor opened a plant in Porto. It employs 300 people.\n\nSource: Harbour Gazette"
    assert event(matcher, "facility", "Amkor opens Porto plant", text).attributed_to == "Harbour Gazette"
    text = "Amkor mở nhà máy tại Bắc Ninh. Nơi đây có 300 công nhân.\n(Theo Người Đưa Tin)"
    assert event(matcher, "facility", "Amkor mở nhà máy tại Bắc Ninh", text, lang="vi").attributed_to == "Người Đưa Tin"


def test_a_company_that_takes_no_part_is_not_the_source_of_what_others_do(matcher: Matcher) -> None:
    text = "Nvidia and Samsung signed a partnership in Seoul. Nvidia and LG joined a partnership, and FPT said it will open a lab."
    assert event(matcher, "partnership", "Nvidia and Samsung sign partnership", text).attributed_to is None


@pytest.mark.parametrize(("title", "lang", "status"), [
    ("Amkor scraps plan for a plant in Porto", "en", "done"), ("Amkor plans to scrap its plant in Porto", "en", "planned"),
    ("Amkor huỷ kế hoạch xây nhà máy tại Bắc Ninh", "vi", "done"), ("Amkor dự kiến hủy dự án xây nhà máy tại Bắc Ninh", "vi", "planned"),
    ("Broker lifts FPT price target, shares rise", "en", "done"), ("Cổ phiếu FPT tăng sau khi có giá mục tiêu mới", "vi", "done"),
])
def test_what_is_given_up_is_done_and_a_price_target_is_no_plan(matcher: Matcher, title: str, lang: str, status: str) -> None:
    found = matcher.match(Item(feed="", title=title, lang=lang, published=PUBLISHED)).events
    assert found
    assert found[0].status == status


@pytest.mark.parametrize(("title", "text", "lang", "source"), [
    ("Nvidia and Samsung sign deal", "Nvidia and Samsung signed a partnership, according to Korean media.", "en", "Korean media"),
    ("Nvidia and Samsung sign deal", "Nvidia and Samsung signed a partnership, according to Korean reports.", "en", None),
    ("Nvidia và Samsung ký hợp tác", "Nvidia và Samsung ký hợp tác, theo một quan chức Hàn Quốc.", "vi", "một quan chức Hàn Quốc"),
    ("Nvidia buys Nordic startup - WSJ Exclusive", "", "en", "WSJ"),
    ("FPT shares rise", "The Tempe Composite added 0.4 percent and FPT shares rose.", "en", None),
    ("EU to fine Nvidia", "The European Union (EU) said it will fine Nvidia $90 million.", "en", "European Union"),
])
def test_a_source_is_named_whole_and_figures_are_no_speech(matcher: Matcher, title: str, text: str, lang: str, source: str | None) -> None:
    assert matcher.match(Item(feed="", title=title, text=text, lang=lang, published=PUBLISHED)).events[0].attributed_to == source


@pytest.mark.parametrize("title", [
    "Aleph Beta, backed by Nvidia and Intel, acquires Danish startup", "Nvidia-backed startup Aleph Beta acquires Danish firm",
])
def test_who_backs_another_does_not_act(matcher: Matcher, title: str) -> None:
    told = event(matcher, "acquisition", title)
    assert not {"nvidia", "intel"} & {*told.actors, *told.targets}


def test_a_month_just_past_is_not_the_one_to_come(matcher: Matcher) -> None:
    text = "FPT lãi 900 tỷ đồng tính đến cuối tháng 6."
    assert event(matcher, "earnings", "FPT lãi 900 tỷ đồng", text, lang="vi").date == "2025-06"
    text = "FPT sẽ xây trung tâm dữ liệu tại Đà Nẵng từ tháng 6."
    assert event(matcher, "facility", "FPT sẽ xây trung tâm dữ liệu tại Đà Nẵng", text, lang="vi").date == "2026-06"


def test_points_group_thousands_where_the_currency_follows(matcher: Matcher) -> None:
    assert event(matcher, "legal", "Tòa phạt Amkor 750.000 USD", lang="vi").amount == Amount(750_000, "USD")
    assert event(matcher, "investment", "FPT rót 1,25 triệu USD vào công ty bán dẫn", lang="vi").amount == Amount(1_250_000, "USD")


def test_a_list_acts_together_where_shares_are_told(matcher: Matcher) -> None:
    told = event(matcher, "market", "Cổ phiếu đáng chú ý ngày 17/7: QQA, VNM, FPT", lang="vi")
    assert told.actors == (UnknownName("QQA"), "vinamilk", "fpt")


def test_names_of_a_list_may_say_where_they_are_from(matcher: Matcher) -> None:
    text = "Nvidia, Intel của Mỹ hay Samsung, Xuron của Hàn Quốc đồng loạt ra mắt mô hình."
    told = event(matcher, "product", "Loạt mô hình mới", text, "vi")
    assert told.actors == ("nvidia", "intel", "samsung", UnknownName("Xuron"))


def test_a_yardstick_does_not_act(matcher: Matcher) -> None:
    assert event(matcher, "market", "FPT vượt Vietcombank về vốn hóa", lang="vi").actors == ("fpt",)


def test_whose_goods_are_taxed_does_not_tax(matcher: Matcher) -> None:
    assert event(matcher, "regulation", "Trump threatens China tariffs after talks with Samsung fail").actors == ("donald-trump",)


def test_an_accused_is_no_passive(matcher: Matcher) -> None:
    text = "Công an tỉnh Bắc Ninh đã khởi tố bị can đối với giám đốc xưởng của Amkor."
    assert event(matcher, "legal", "Khởi tố giám đốc xưởng Amkor", text, lang="vi").actors == (UnknownName("Công an tỉnh Bắc Ninh"),)


@pytest.mark.parametrize("title", [
    "Hill Wealth LLC Buys New Holdings in NVIDIA Co.", "ARK cuts stake in Nvidia by 12%", "Hill Capital Takes Position in NVIDIA",
    "NVIDIA Shares Bought by Hill Advisors",
])
def test_what_funds_hold_is_the_market(matcher: Matcher, title: str) -> None:
    kinds = {one.type for one in matcher.match(Item(feed="", title=title, lang="en")).events}
    assert "market" in kinds
    assert not kinds & {"investment", "acquisition"}


def test_a_law_firms_partners_are_no_partnership(matcher: Matcher) -> None:
    found = matcher.match(Item(feed="", title="Summit Wealth Partners praises Nvidia", lang="en")).events
    assert "partnership" not in {one.type for one in found}


def test_the_end_of_a_quarter_is_no_day_of_news(matcher: Matcher) -> None:
    text = "Amkor reported revenue of $1.9 billion for the quarter ended June 28, 2025."
    assert event(matcher, "earnings", "Amkor revenue rises", text).date is None


@pytest.mark.parametrize(("title", "text", "lang", "place"), [
    ("Thủ tướng Pháp thăm chính thức Việt Nam", "", "vi", "Việt Nam"),
    ("FPT raises stake in Lumen", "FPT invested $40 million in Lumen.", "en", None),
    ("Chinese buyer takes over Amkor unit", "A Chinese buyer took over a unit of Amkor.", "en", None),
])
def test_where_it_happens(matcher: Matcher, title: str, text: str, lang: str, place: str | None) -> None:
    assert matcher.match(Item(feed="", title=title, text=text, lang=lang, published=PUBLISHED)).events[0].place == place


@pytest.mark.parametrize(("title", "text", "lang", "source"), [
    ("FPT to open lab", "FPT will open a lab, the Hoa Lac provincial council said.", "en", "Hoa Lac provincial council"),
    ("FPT to open lab", "FPT will open a lab, Ann Aldous, head of the port, said on Monday.", "en", "Ann Aldous"),
    ("FPT mở xưởng", "FPT sẽ mở xưởng tại Huế, ông Phùng Hải Đăng, giám đốc cảng, cho biết.", "vi", "Phùng Hải Đăng"),
    ("Nvidia hoãn mở nhà máy", "Theo hai nguồn thạo tin của The Information, Nvidia hoãn mở nhà máy.", "vi", "The Information"),
])
def test_offices_and_appositions_are_sources(matcher: Matcher, title: str, text: str, lang: str, source: str) -> None:
    assert event(matcher, "facility", title, text, lang=lang).attributed_to == source


def test_a_denial_in_the_next_sentence_denies_all_of_it(matcher: Matcher) -> None:
    text = "Amkor đã hoãn mở rộng nhà máy tại Bắc Ninh, tờ Tin Cảng viết. Công ty bác bỏ thông tin này."
    assert event(matcher, "facility", "Amkor hoãn mở rộng nhà máy", text, lang="vi").status == "denied"
    text = "Amkor will open a plant in Porto. The mayor denied that he had met its owners."
    assert event(matcher, "facility", "Amkor to open Porto plant", text).status == "planned"


def test_the_day_before_a_word_of_speech_is_that_of_the_speech(matcher: Matcher) -> None:
    text = "Ông Trump ngày 14/7 nói sẽ áp thuế 25% với chip từ tháng 8."
    assert event(matcher, "regulation", "Mỹ dọa áp thuế chip", text, lang="vi").date == "2025-08"


def test_an_office_with_its_holder_is_the_holder(matcher: Matcher) -> None:
    text = "Prime Minister Ann Aldous visited the FPT campus in Hanoi."
    assert event(matcher, "visit", "FPT campus gets a visit", text).actors == (UnknownName("Ann Aldous"),)


def test_a_deal_to_supply_is_an_order_and_no_takeover(matcher: Matcher) -> None:
    title = "Nvidia nears deal to supply 20,000 chips to Nordic fund"
    kinds = {one.type for one in matcher.match(Item(feed="", title=title, lang="en")).events}
    assert "order" in kinds
    assert not kinds & {"acquisition", "earnings"}


def test_who_is_chosen_supplies(matcher: Matcher) -> None:
    told = event(matcher, "order", "Bộ Tài chính Malaysia chọn FPT Software làm nhà thầu", lang="vi")
    assert told.actors == (UnknownName("Bộ Tài chính Malaysia"),)


def test_the_source_of_a_reason_is_not_that_of_the_share_price(matcher: Matcher) -> None:
    text = "Nvidia shares fell 3% on Tuesday. Reuters reported that a port in Porto would close."
    assert event(matcher, "market", "Nvidia shares fall", text).attributed_to is None
    text = "Nvidia shares fell 3% on Tuesday, Reuters reported."
    assert event(matcher, "market", "Nvidia shares fall", text).attributed_to == "Reuters"


def test_a_list_of_shares_for_tomorrow_is_no_plan(matcher: Matcher) -> None:
    assert event(matcher, "market", "Cổ phiếu đáng chú ý ngày 17/7: QQA, FPT", lang="vi").status == "done"


def test_where_something_is_does_not_act(matcher: Matcher) -> None:
    assert event(matcher, "facility", "Khánh thành nhà máy điện khí đầu tiên tại Việt Nam", lang="vi").actors == ()


def test_both_states_of_a_compound_act(matcher: Matcher) -> None:
    assert set(event(matcher, "diplomacy", "Hopes rise on U.S.-China trade deal").actors) == {"us", "china"}


def test_a_seat_in_vietnamese_is_no_place_of_events(matcher: Matcher) -> None:
    text = "Công ty Skyloom, trụ sở tại Đan Mạch, ký hợp tác với FPT."
    assert event(matcher, "partnership", "Skyloom ký hợp tác với FPT", text, lang="vi").place is None


def test_buyouts_for_workers_are_no_takeover(matcher: Matcher) -> None:
    kinds = {one.type for one in matcher.match(Item(feed="", title="Nvidia offers buyouts to 900 workers", lang="en")).events}
    assert "acquisition" not in kinds


def test_who_hits_another_acts(matcher: Matcher) -> None:
    assert event(matcher, "legal", "EU hits Nvidia with antitrust charges").actors == ("eu",)


def test_who_holds_the_office_of_a_headline_is_named_under_it(matcher: Matcher) -> None:
    text = "Chiều 15/7, Phó thủ tướng Phùng Hải Đăng tiếp bà Ann Aldous của Nvidia."
    assert event(matcher, "visit", "Phó thủ tướng tiếp lãnh đạo Nvidia", text, lang="vi").actors == (UnknownName("Phùng Hải Đăng"),)


def test_a_plan_to_sell_that_is_dropped_is_done(matcher: Matcher) -> None:
    text = "FPT has dropped a plan to sell its 48% stake in Lumen."
    assert event(matcher, "acquisition", "FPT cancels plan to sell Lumen stake", text).status == "done"


def test_people_familiar_under_a_headline_make_it_a_report(matcher: Matcher) -> None:
    text = "Nvidia is looking for somebody new, according to two people familiar with the search."
    assert event(matcher, "personnel", "Nvidia names new CFO", text).status == "reported"


def test_a_denied_sale_in_vietnamese(matcher: Matcher) -> None:
    told = event(matcher, "acquisition", "Vingroup phủ nhận tin bán Vinmec", lang="vi")
    assert (told.status, told.actors, told.attributed_to) == ("denied", (), "Vingroup")
