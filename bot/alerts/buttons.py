"""Defines the data of buttons: a signed word of at most 64 bytes that says which button was pressed, and the buttons under an alert.

`action:argument:signature`; an argument is a number, a word, or `number.choice`. The signature is an HMAC with this database's secret, so
that a button of another bot, of another database or made by hand is refused. Buttons stay in chats for years: expect that the story or hit
they name is gone. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from bot.i18n.translate import t_plain
from bot.message import Button, Rows
from bot.sanitize import safe_url

CALLBACK_DATA_BYTES = 64
"""Bytes of callback data (Bot API, InlineKeyboardButton)."""
_SIGNATURE = 11
"""Characters: 66 bits, far beyond what anybody can try against a chat's flood limit."""


@dataclass(frozen=True, slots=True)
class CallbackData:
    """What a button says. The only place that takes an argument apart."""

    action: str
    argument: str
    """As it was signed: a word of the action's own, or `number`, or `number.choice`."""

    @property
    def number(self) -> int:
        """The id of the hit, story or conversation that the button is about; 0 when it names none."""
        number = self.argument.partition(".")[0]
        return int(number) if number.isdecimal() else 0

    @property
    def choice(self) -> str:
        """What was chosen in the conversation or of the hit `number`; "" when the button has no choice."""
        return self.argument.partition(".")[2]

    @property
    def choice_number(self) -> int | None:
        """The choice as a place in a list, None when it is no number."""
        return int(self.choice) if self.choice.isdecimal() else None


NO_BUTTON = CallbackData("", "")
"""The callback data of a request that came from a message, or from a button that another database signed."""


def button_data(secret: bytes, action: str, argument: object = "", choice: object = "") -> str:
    """The signed word; with a choice its argument is `argument.choice`. Raises ValueError when it would be longer than a button may be."""
    said = f"{action}:{argument}" + (f".{choice}" if choice != "" else "")
    data = f"{said}:{_sign(secret, said)}"
    if len(data.encode()) > CALLBACK_DATA_BYTES:
        raise ValueError(f"too long for a button: {said!r}")
    return data


def read_button(secret: bytes, data: str) -> CallbackData | None:
    """What was pressed, or None for a word that this database did not sign."""
    said, _, signature = data.rpartition(":")
    action, colon, argument = said.partition(":")
    if not colon or not hmac.compare_digest(_sign(secret, said).encode(), signature.encode()):
        return None
    return CallbackData(action, argument)


def is_menu(rows: Rows) -> bool:
    """True for keys among which somebody chooses before they go back to the usual ones."""
    return any((key.data or "").startswith("back:") for row in rows for key in row)


def _sign(secret: bytes, said: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret, said.encode(), hashlib.sha256)).decode()[:_SIGNATURE]


def alert_buttons(secret: bytes, lang: str, *, story: int, hit: int, url: str) -> Rows:
    """The buttons under an alert: open, why, more · mute the story, snooze the rule · not relevant."""

    def key(label: str, action: str, argument: int) -> Button:
        return Button(t_plain(lang, label), data=button_data(secret, action, argument))

    address = safe_url(url)
    opening = (Button(t_plain(lang, "button.open"), url=address),) if address else ()
    return (
        (*opening, key("button.why", "why", hit), key("button.more", "more", story)),
        (key("button.mute", "mute", story), key("button.snooze", "snz", hit), key("button.wrong", "fb", hit)),
    )
