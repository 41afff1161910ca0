"""Answers /invite with a code that pairs one more chat as a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.commands.pairing import INVITED, create_code

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, request: Request) -> Response:
    """Creates a new code each time."""
    return text(request.say("invite", code=create_code(store, "reader", request.now, lasts=INVITED)))


COMMAND = Command(write=write, admin=True)
