"""Buttons say what they mean in 64 signed bytes."""

from __future__ import annotations

import pytest

from bot.alerts.buttons import CALLBACK_DATA_BYTES, CallbackData, alert_buttons, button_data, read_button
from bot.i18n.translate import languages
from bot.store import Store
from bot.store.secrets import button_secret, take_secret, write_secret

SECRET = bytes(range(32))


def test_what_was_signed_is_read_and_nothing_else() -> None:
    data = button_data(SECRET, "snz", 123)
    assert read_button(SECRET, data) == CallbackData("snz", "123")
    for forged in (data[:-1] + ("A" if data[-1] != "A" else "B"), data.replace("123", "124"), "snz:123", "", ":::", "x" * 64, "mute:1:"):
        assert read_button(SECRET, forged) is None
    assert read_button(bytes(32), data) is None, "another database's button"


@pytest.mark.parametrize(
    ("argument", "choice", "said", "read"),
    [
        (123, "", "123", (123, "", None)),
        (123, "yes", "123.yes", (123, "yes", None)),
        (123, 0, "123.0", (123, "0", 0)),
        (123, "e.acquisition", "123.e.acquisition", (123, "e.acquisition", None)),
        ("vi", "", "vi", (0, "", None)),
        ("²", "²", "².²", (0, "²", None)),
        ("", "", "", (0, "", None)),
    ],
)
def test_an_argument_is_a_number_a_word_or_a_choice(
    argument: object, choice: object, said: str, read: tuple[int, str, int | None]
) -> None:
    button = read_button(SECRET, button_data(SECRET, "x", argument, choice))
    assert button is not None
    assert (button.argument, (button.number, button.choice, button.choice_number)) == (said, read)


def test_a_button_of_the_first_version_is_read() -> None:
    assert button_data(SECRET, "why", 7) == "why:7:6CsTnE0CxeD"
    assert button_data(SECRET, "w", 7, "e.deal") == "w:7.e.deal:RmvOsTUmvF_"


def test_a_button_that_would_be_too_long_is_an_error_here_and_not_at_telegram() -> None:
    assert len(button_data(SECRET, "d", "x" * 50)) == CALLBACK_DATA_BYTES
    with pytest.raises(ValueError, match="too long"):
        button_data(SECRET, "d", "đ" * 30)


@pytest.mark.parametrize("lang", languages())
def test_an_alert_has_its_six_buttons_and_opens_only_real_addresses(lang: str) -> None:
    rows = alert_buttons(SECRET, lang, story=2**62, hit=2**62, url="https://news.example/1")
    assert [len(row) for row in rows] == [3, 3]
    assert rows[0][0].url == "https://news.example/1"
    assert all(len(key.data.encode()) <= CALLBACK_DATA_BYTES for row in rows for key in row if key.data)
    assert [len(row) for row in alert_buttons(SECRET, lang, story=1, hit=1, url="tg://user?id=1")] == [2, 3]


def test_each_database_has_a_secret_of_its_own_that_stays() -> None:
    first, second = Store.open(":memory:"), Store.open(":memory:")
    assert button_secret(first) == button_secret(first)
    assert button_secret(first) != button_secret(second)
    first.close()
    second.close()


def test_a_secret_can_be_taken_once() -> None:
    from datetime import UTC, datetime

    store = Store.open(":memory:")
    write_secret(store, "x", "1", datetime(2026, 3, 1, tzinfo=UTC))
    assert [take_secret(store, "x"), take_secret(store, "x")] == ["1", None]
    store.close()
