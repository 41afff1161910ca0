"""Which items become one story, which stay apart, and what the index says about it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seeds.load import load_seeds
from tests.watchers.stories.news import MONDAY, WINDOW, apart, item, match, stories_of, together
from watchers.match.matcher import Matcher
from watchers.match.result import Amount, Event, Match
from watchers.models.item import Item
from watchers.models.json_record import item_from_record
from watchers.stories import StoryIndex
from watchers.stories.developments import Development

WIRE = (
    "HANOI - Lumora Systems said on Monday it had agreed to buy the battery maker Veltrix for 420 million dollars in cash, its largest "
    "purchase so far. The board of Veltrix backed the offer, which still needs the approval of the competition authority. The two "
    "companies expect to complete the deal in the second half of the year. Shares of Veltrix had been suspended before the announcement."
)


def test_a_copy_of_an_agency_text_under_another_headline_is_the_same_story() -> None:
    assert together(
        item("Lumora Systems to buy Veltrix for $420 million", WIRE, source="Agency"),
        item("Battery maker Veltrix agrees to takeover by Lumora", WIRE[:300], hours=2, source="Daily"),
        item("Lumora swallows Veltrix", "Editor's note: markets are closed today. " + WIRE, hours=3, source="Herald"),
    )


def test_an_edited_title_stays_in_its_story() -> None:
    assert together(
        item("Lumora Systems opens chip plant in Da Nang", source="Daily"),
        item("UPDATE 1: Lumora Systems opens its chip plant in Da Nang", hours=1, source="Daily"),
    )


def test_the_same_event_in_other_words_is_the_same_story() -> None:
    assert together(
        item("Lumora raises $300 million at $4 billion valuation"),
        item("AI startup Lumora completes US$300 mln funding round, valued at $4 billion", hours=3),
        item("Lumora valued at $4 billion after raising $300 million", hours=5),
    )


def test_english_and_vietnamese_meet_by_names_and_figures() -> None:
    assert together(
        item("Lumora raises $300 million at a $4 billion valuation"),
        item("Lumora gọi vốn 300 triệu USD, định giá 4 tỷ USD", hours=2, lang="vi"),
    )
    assert together(
        item("Sao Biển partners with Lumora to build data center in Da Nang"),
        item("Sao Biển hợp tác với Lumora xây trung tâm dữ liệu tại Đà Nẵng", hours=4, lang="vi"),
    )


def test_one_price_move_told_in_many_ways_is_one_story() -> None:
    assert together(
        item("Lumora stock closes at record, market cap past $2 trillion", hours=6, source="A"),
        item("Why Lumora Stock Popped Today", hours=5, source="B"),
        item("Lumora shares jump 6% as chip stocks rally", hours=4, source="C"),
        item("Lumora hits $2 trillion market value", hours=20, source="D"),
    )


def test_price_moves_of_two_days_or_two_directions_stay_apart() -> None:
    assert apart(
        item("Lumora shares jump 6% on chip demand", hours=4),
        item("Lumora shares jump 5% on chip demand", hours=28),
    )
    assert apart(
        item("Lumora stock soars after upgrade", hours=1),
        item("Lumora stock plunges after downgrade", hours=4),
    )


def test_earnings_and_a_factory_of_one_company_stay_apart() -> None:
    assert apart(
        item("Lumora reports record quarterly profit of $900 million"),
        item("Lumora to build $500 million factory in Hai Phong", hours=1),
    )


def test_partnerships_with_two_partners_stay_apart() -> None:
    assert apart(
        item("Lumora signs strategic partnership with Veltrix", "Lumora and Veltrix signed a memorandum in Hanoi on Monday."),
        item("Lumora signs strategic partnership with Quantor", "Lumora and Quantor signed a memorandum in Hanoi on Monday.", hours=1),
    )
    assert apart(
        item("Lumora và Sao Biển ký kết hợp tác chiến lược", lang="vi"),
        item("Lumora và Hoa Sen ký kết hợp tác chiến lược", hours=1, lang="vi"),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lumora invests $200 million in Veltrix chip plant", "Lumora invests $900 million in Veltrix chip plant"),
        ("Lumora deliveries rise 12% in first quarter", "Lumora deliveries rise 40% in first quarter"),
        ("Lumora first-quarter deliveries top forecasts", "Lumora second-quarter deliveries top forecasts"),
        ("Lumora opens Veltrix showroom in Tokyo", "Lumora opens Veltrix showroom in London"),
        ("Lumora and Veltrix plan merger vote on April 3", "Lumora and Veltrix plan merger vote on May 9"),
        ("Lumora targets Veltrix break even in 2027", "Lumora targets Veltrix break even in 2030"),
    ],
)
def test_contradicting_amounts_percentages_dates_and_places_stay_apart(one: str, other: str) -> None:
    assert apart(item(one), item(other, hours=1))


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("Lumora to build a $1,095 million Veltrix factory", "Lumora to build a $1,074 million Veltrix factory", "en"),
        ("Lumora xây nhà máy Veltrix 1.095 triệu USD", "Lumora xây nhà máy Veltrix 1.074 triệu USD", "vi"),
        ("Lumora vay 2.000 tỷ đồng xây nhà máy Veltrix", "Lumora vay 2.350 tỷ đồng xây nhà máy Veltrix", "vi"),
    ],
)
def test_sums_that_contradict_in_their_last_digits_stay_apart(one: str, other: str, lang: str) -> None:
    assert apart(item(one, lang=lang), item(other, hours=1, lang=lang))


def test_a_sum_told_with_fewer_digits_is_the_same_news_in_both_languages() -> None:
    assert together(
        item("Lumora to build a $1,095 million Veltrix factory"),
        item("Lumora plans $1.1 billion Veltrix factory", hours=1),
        item("Lumora xây nhà máy Veltrix 1,1 tỷ USD", hours=2, lang="vi"),
        item("Lumora sẽ xây nhà máy Veltrix 1.095 triệu USD", hours=3, lang="vi"),
    )


def test_sums_that_only_begin_alike_are_nothing_in_common() -> None:
    index = StoryIndex(WINDOW)
    first = item("Lumora to build juniper factory", "Lumora will pay 1,095 million dollars for the factory.")
    index.record(1, first, match(first))
    for sum_, shared in (("1,074 million", False), ("1.1 billion", True)):
        later = item(f"Lumora to build juniper factory for {sum_} dollars", hours=1)
        assert ("1,100,000,000 USD" in index.place(later, match(later)).why[0]) is shared


def test_a_copy_with_its_sum_corrected_stays_in_its_story() -> None:
    corrected = WIRE.replace("420", "435")
    assert together(
        item("Lumora Systems to buy Veltrix for $420 million", WIRE, source="Agency"),
        item("Lumora Systems to buy Veltrix for $435 million", corrected, hours=1, source="Agency"),
    )
    # Another text, another day and the next price are other news.
    assert apart(
        item("Lumora Systems to buy Veltrix for $420 million", WIRE, source="Agency"),
        item("Lumora Systems to buy Veltrix for $435 million", "Lumora raised its offer on Tuesday after talks with Veltrix.", hours=1),
        item("Lumora Systems to buy Veltrix for $450 million", WIRE.replace("420", "450"), hours=30, source="Agency"),
    )
    quoted = "Giá vàng Veltrix được niêm yết ở mức {} triệu đồng một lượng tại các cửa hàng Lumora trên cả nước, theo bảng giá đầu ngày."
    assert apart(*(
        item(f"Giá vàng Veltrix {sum_} triệu đồng", quoted.format(sum_), hours=hours, lang="vi")
        for hours, sum_ in ((0, "148"), (3, "153"))
    ))


def test_diplomatic_news_told_of_states_alone_is_one_story_in_other_words() -> None:
    assert together(
        item("Việt Nam hoan nghênh Lào - Campuchia ký thỏa thuận biên giới", "Việt Nam đánh giá cao.", lang="vi", source="A"),
        item("Việt Nam hoan nghênh việc Lào và Campuchia ký thỏa thuận biên giới", hours=1, lang="vi", source="B"),
        item("Việt Nam hoan nghênh thỏa thuận biên giới Lào - Campuchia", "Hai nước đã ký hôm nay.", hours=2, lang="vi", source="C"),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Việt Nam hoan nghênh thỏa thuận biên giới Lào - Campuchia", "Việt Nam hoan nghênh thỏa thuận biên giới Lào - Trung Quốc"),
        ("Việt Nam hoan nghênh thỏa thuận biên giới Lào - Campuchia", "Việt Nam phản đối thỏa thuận biên giới Lào - Campuchia"),
        ("Thủ tướng tiếp Đại sứ Nhật Bản tại Hà Nội", "Thủ tướng tiếp Đại sứ Pháp tại Hà Nội"),
        ("Giá xăng trong nước tăng từ chiều nay", "Giá xăng trong nước giảm từ chiều nay"),
        ("Sao Biển ký hợp tác cùng Quantor - Lumora", "Sao Biển ký hợp tác cùng Quantor - Veltrix"),
        ("Oanh tạc cơ chiến lược Mỹ bị rơi", "Oanh tạc cơ chiến lược của Nga bị rơi"),
        ("Khởi công trung tâm dữ liệu lớn nhất miền Bắc", "Khởi công trung tâm thương mại lớn nhất miền Bắc"),
    ],
)
def test_one_word_that_changes_the_news_keeps_like_headlines_of_a_day_apart(one: str, other: str) -> None:
    assert apart(item(one, lang="vi", source="A"), item(other, hours=1, lang="vi", source="B"))


def test_like_headlines_without_a_name_on_two_days_stay_apart() -> None:
    assert apart(
        item("Thêm nhiều chuyến tàu chở hàng giữa Lào và Campuchia", lang="vi", source="A"),
        item("Nhiều chuyến tàu chở hàng thêm giữa Lào và Campuchia", hours=26, lang="vi", source="B"),
    )


def test_letters_of_a_currency_are_nobodys_name() -> None:
    assert together(
        item("Lumora Completes USD300M Financing; Quantor Participates"),
        item("Lumora, backed by Quantor, completes financing of USD 300 million", hours=1),
    )


@pytest.mark.parametrize("url", ["http://[", "https://[::bad/x", "//", "http://\x00", "mailto:x", ""])
@pytest.mark.parametrize("title", ["Lumora opens a plant - Daily", " - Daily", "Lumora opens a plant - ", "– – –", "(", "Lumora - " * 4000])
def test_no_address_or_title_of_a_feed_breaks_it(url: str, title: str) -> None:
    index = StoryIndex(WINDOW)
    odd = Item(feed="", url=url, title=title, text="Lumora opens a plant.", published=MONDAY)
    index.record(1, odd, match(odd))
    assert index.place(odd, match(odd)).story in {1, None}


def test_headlines_of_a_series_stay_apart() -> None:
    assert apart(
        item("Lumora Q1 Earnings Call Highlights", source="Wire"),
        item("Veltrix Q1 Earnings Call Highlights", hours=1, source="Wire"),
        item("Quantor Q1 Earnings Call Highlights", hours=2, source="Wire"),
    )


def test_filings_by_different_holders_stay_apart_though_their_text_is_a_form() -> None:
    form = (
        "{0} LLC cut its position in shares of Lumora Systems by {1}% in the 4th quarter, according to its most recent disclosure with the "
        "regulator. The fund owned {2} shares of the company's stock after selling {3} shares during the period."
    )
    assert apart(
        item("Lumora Systems Shares Sold by Arden Ridge LLC", form.format("Arden Ridge", "1.8", "166,114", "3,010"), source="Filings"),
        item("Lumora Systems Shares Sold by Birch Harbor LLC", form.format("Birch Harbor", "4.1", "21,870", "940"), source="Filings"),
    )


def test_the_chrome_of_a_site_joins_nothing() -> None:
    wall = "This website uses a security service to protect itself from attacks. Please enable cookies and JavaScript in your browser."
    menu = "Markets rallied to end a week filled with results. Gold slips as traders wait. Oil rises for a third day running."
    assert apart(
        item("Lumora faces delay at Hai Phong plant", wall + " " + menu, source="Portal"),
        item("Veltrix names new finance chief", wall + " " + menu, hours=1, source="Portal"),
        item("Quantor recalls 3,000 scooters", wall + " " + menu, hours=2, source="Portal"),
    )


def test_the_reasons_for_joining_are_told() -> None:
    index = StoryIndex(WINDOW)
    first = item("Lumora raises $300 million at $4 billion valuation")
    index.record(7, first, match(first))
    second = item("Lumora closes US$300 mln funding round at $4 billion valuation", hours=1)
    placement = index.place(second, match(second))
    assert placement.story == 7
    assert "lumora" in placement.why[0]
    assert "300,000,000 USD" in placement.why[0]


def test_entities_found_by_matching_meet_under_any_name() -> None:
    one = item("Big Green to open robot factory with Veltrix")
    other = item("BGX opens Veltrix robot factory", hours=2)
    index = StoryIndex(WINDOW)
    index.record(1, one, match(one, big_green="Big Green"))
    assert index.place(other, match(other, big_green="BGX")).story == 1


def test_nothing_joins_beyond_the_window() -> None:
    title = "Lumora opens chip plant with Veltrix in Da Nang"
    assert together(item(title, source="A"), item(title, hours=71, source="B"))
    assert apart(item(title, source="A"), item(title, hours=73, source="B"))
    # A chain of follow-ups does not stretch a story: its first and last item lie within the window.
    assert stories_of([item(title, hours=hours, source=str(hours)) for hours in (0, 40, 80)]) == [1, 1, 2]


def test_a_window_of_zero_makes_every_item_a_story_of_its_own() -> None:
    same = item("Lumora opens chip plant in Da Nang")
    assert stories_of([same, same], window=timedelta(0)) == [1, 2]


def test_an_item_without_a_date_is_placed_by_when_it_was_seen() -> None:
    title = "Lumora opens chip plant with Veltrix in Da Nang"
    index = StoryIndex(WINDOW)
    index.record(1, item(title), Match(lang="en"))
    undated = Item(feed="", title=title)
    assert index.place(undated, Match(lang="en"), seen=MONDAY + timedelta(hours=2)).story == 1
    assert index.place(undated, Match(lang="en"), seen=MONDAY + timedelta(days=9)).story is None


def event(status: str, amount: float | None = None) -> Event:
    money = Amount(amount, "USD") if amount else None
    return Event("acquisition", ("lumora",), ("veltrix",), money, status=status)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (event("planned"), event("done"), Development("acquisition", "confirmed")),
        (event("reported"), event("done"), Development("acquisition", "confirmed")),
        (event("reported"), event("denied"), Development("acquisition", "denied")),
        (event("reported"), event("reported", 4e8), Development("acquisition", "amount", 4e8, "USD")),
    ],
)
def test_what_is_new_inside_a_story_is_said(before: Event, now: Event, news: Development) -> None:
    index = StoryIndex(WINDOW)
    first = item("Lumora in takeover talks with Veltrix, sources say")
    index.record(1, first, match(first, before))
    later = item("Lumora and Veltrix: takeover talks, sources say", hours=3)
    assert index.place(later, match(later, now)).developments == (news,)
    assert index.place(later, match(later, before)).developments == ()


def test_a_sum_that_the_first_item_told_of_another_event_is_no_news() -> None:
    index = StoryIndex(WINDOW)
    first = item("Lumora to put $300 million into Veltrix plant in Da Nang")
    money = Amount(3e8, "USD")
    told = (Event("investment", ("lumora",), ("veltrix",), money, status="planned"), Event("facility", ("lumora",), status="planned"))
    index.record(1, first, match(first, *told))
    later = item("Lumora, Veltrix plan $300 million plant in Da Nang", hours=1)
    placed = index.place(later, match(later, Event("facility", ("lumora",), ("veltrix",), money, status="planned")))
    assert (placed.story, placed.developments) == (1, ())


def test_placing_changes_nothing_and_the_same_order_gives_the_same_stories() -> None:
    items = the_week()
    index = StoryIndex(WINDOW)
    for one in items:
        found = match(one)
        assert index.place(one, found) == index.place(one, found)
        index.record(len(index) + 1, one, found)
    assert stories_of(items) == stories_of(items)


def the_week() -> list[Item]:
    """Five pieces of news, each told three or four times."""
    return [
        item("Lumora raises $300 million at $4 billion valuation", hours=1),
        item("Lumora completes US$300 mln funding round, valued at $4 billion", hours=3),
        item("Lumora gọi vốn 300 triệu USD, định giá 4 tỷ USD", hours=5, lang="vi"),
        item("Veltrix opens battery factory in Hai Phong with Sao Biển", hours=2),
        item("Sao Biển, Veltrix inaugurate battery plant in Hai Phong", hours=6),
        item("Veltrix và Sao Biển khánh thành nhà máy pin tại Hai Phong", hours=7, lang="vi"),
        item("Quantor shares jump 8% to record high", hours=4),
        item("Why Quantor Stock Popped Today", hours=5),
        item("Quantor stock closes at record as market cap tops $1 trillion", hours=8),
        item("Quantor recalls 3,000 Zephyr scooters over battery fires", hours=9),
        item("Battery fires: Quantor to recall 3,000 Zephyr scooters", hours=10),
        item("Minister Tran meets Lumora chief Adler in Tokyo", hours=11),
        item("Lumora chief Adler, Minister Tran hold talks in Tokyo", hours=12),
    ]


GOLD = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5]


def b_cubed(found: Sequence[object], gold: Sequence[object]) -> tuple[float, float]:
    """Precision and recall, averaged over the items: how pure and how complete the story of each is."""
    precision = recall = 0.0
    for mine, truth in zip(found, gold, strict=True):
        same = sum(1 for one, other in zip(found, gold, strict=True) if one == mine and other == truth)
        precision += same / found.count(mine) / len(gold)
        recall += same / gold.count(truth) / len(gold)
    return precision, recall


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_arrival_hardly_matters(chance: random.Random) -> None:
    order = list(range(len(GOLD)))
    chance.shuffle(order)
    items = the_week()
    precision, recall = b_cubed(stories_of(items[at] for at in order), [GOLD[at] for at in order])
    assert precision == pytest.approx(1.0)
    assert recall >= 0.8


def test_forgetting_drops_old_stories_and_keeps_the_others() -> None:
    index = StoryIndex(WINDOW)
    for number, one in enumerate(the_week(), 1):
        index.record(number, one, match(one))
    index.forget(MONDAY + timedelta(hours=8))
    assert len(index) == 5
    late = item("Quantor to recall 3,000 Zephyr scooters after battery fires", hours=13)
    assert index.place(late, match(late)).story in {10, 11}
    index.forget(datetime(2030, 1, 1, tzinfo=UTC))
    assert len(index) == 0
    assert not index._postings
    assert not index._seen_in
    assert not index._sentences


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(item, st.text(max_size=60), st.text(max_size=120), hours=st.floats(0, 200)), max_size=8))
def test_any_text_is_placed_without_an_error(items: list[Item]) -> None:
    assert len(stories_of(items)) == len(items)


@pytest.mark.shared
def test_the_labelled_stories_are_told_apart(shared: Path) -> None:
    matcher, index = Matcher(load_seeds()), StoryIndex(WINDOW)
    found: list[int] = []
    gold: list[str] = []
    for line in (shared / "eval" / "stories.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        gold.append(row.pop("story"))
        one = item_from_record(row)
        read = matcher.match(one)
        placement = index.place(one, read)
        found.append(max(found, default=0) + 1 if placement.story is None else placement.story)
        index.record(found[-1], one, read)
    precision, recall = b_cubed(found, gold)
    assert precision >= 0.95
    assert 2 * precision * recall / (precision + recall) >= 0.92
