"""Sums of money as newsrooms write them."""

import pytest

from watchers.match.language.money import read_money
from watchers.match.result import Amount


@pytest.mark.parametrize(("text", "value", "currency"), [
    ("a deal worth $1.6 billion", 1.6e9, "USD"), ("opens US$60m plant", 60e6, "USD"), ("€450 million loan", 450e6, "EUR"), ("£2bn",
    2e9, "GBP"),
    ("between 3 and 4 billion euros", 3e9, "EUR"), ("$3-4 billion", 3e9, "USD"), ("between $3 billion and $4 billion", 3e9, "USD"),
    ("200 triệu USD", 200e6, "USD"), ("5.000 tỷ đồng", 5e12, "VND"), ("1,6 tỷ USD", 1.6e9, "USD"), ("210 tỷ won", 210e9, "KRW"),
    ("hơn 17 nghìn tỷ đồng", 17e12, "VND"), ("gần 2.000 tỷ", 2e12, "VND"), ("3 tỷ baht", 3e9, "THB"), ("500 ty dong", 500e9, "VND"),
    ("a 200-million-dollar factory", 200e6, "USD"), ("¥12,500", 12_500, "JPY"), ("Rs 1,200 crore", 12e9, "INR"), ("$1,234.50", 1234.5,
    "USD"),
    ("20,9 triệu đồng", 20.9e6, "VND"), ("10 trillion Vietnamese dong", 10e12, "VND"), ("từ 9 đến 12 triệu đồng", 9e6, "VND"),
])
def test_a_sum_is_read(text: str, value: float, currency: str) -> None:
    found = read_money(text)
    assert [money.amount for money in found] == [Amount(value, currency)]
    assert any(one.isdigit() for one in text[found[0].start:found[0].end])


@pytest.mark.parametrize("text", [
    "up 4.5%", "3 million people", "in 2027", "100 tỷ người", "F-16", "version 4.2", "8 tỷ dân", "12 phiên", "a million thanks", "5G",
])
def test_a_number_without_a_currency_is_no_money(text: str) -> None:
    assert read_money(text) == []
