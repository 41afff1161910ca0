"""Defines ODD: updates as no Bot API of today sends them, by what is odd. A later one may."""

from __future__ import annotations

from typing import Any

ODD: dict[str, Any] = {
    "a message without a chat": {"message": {"message_id": 5, "date": 1, "text": "/latest"}},
    "a chat without a type": {"message": {"message_id": 5, "date": 1, "text": "/latest", "chat": {"id": 77}}},
    "a date that is none": {"message": {"message_id": 5, "date": "soon", "text": "/latest", "chat": {"id": 77, "type": "private"}}},
    "a date beyond all calendars": {"message": {"message_id": 5, "date": 10**17, "text": "x", "chat": {"id": 77, "type": "private"}}},
    "a message that is a list": {"message": ["text", "/latest"]},
    "a message that is a number": {"message": 7},
    "a chat that is a word": {"message": {"message_id": 5, "date": 1, "text": "/latest", "chat": "here"}},
    "a press without a sender": {"callback_query": {"id": "1", "data": "why:1:x", "message": {"message_id": 5}}},
    "a membership without a member": {"my_chat_member": {"chat": {"id": 77, "type": "group", "title": "x"}, "date": 1}},
    "an entity of a kind yet to come": {
        "message": {"message_id": 5, "date": 1, "text": "/latest", "chat": {"id": 77, "type": "planet"}, "entities": [{"type": "warp"}]}
    },
    "half a character": {"message": {"message_id": 5, "date": 1, "text": "/start \ud83d", "chat": {"id": 77, "type": "private"}}},
    "an id beyond all integers": {"message": {"message_id": 5, "date": 1, "text": "/start 1", "chat": {"id": 10**30, "type": "private"}}},
}
