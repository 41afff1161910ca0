"""Defines Fault: what a scripted Bot API server does wrong with one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["status", "html", "flood", "reset", "hang", "reset_after", "hang_after", "slow"]


@dataclass(frozen=True)
class Fault:
    """One wrong answer. Those named `…_after` carry the request out first, so that only the answer is lost."""

    kind: FaultKind
    status: int = 500
    retry_after: int = 1
    description: str = "Internal Server Error"
    migrate_to: int | None = None

    @property
    def said(self) -> str:
        """What it is, for people: "answers 429", "cuts the connection after delivery"."""
        return _SAID.get(self.kind, f"answers {self.status}")

    @classmethod
    def flood(cls, retry_after: int) -> Fault:
        """429 with `retry_after` seconds."""
        return cls("flood", retry_after=retry_after)

    @classmethod
    def answer(cls, status: int, description: str) -> Fault:
        """A JSON answer with this status and description, the request not carried out."""
        return cls("status", status=status, description=description)


_SAID: dict[FaultKind, str] = {
    "flood": "answers 429",
    "html": "answers 502 with a page",
    "reset": "cuts the connection before delivery",
    "reset_after": "cuts the connection after delivery",
    "hang": "never answers, nothing delivered",
    "hang_after": "never answers after delivery",
    "slow": "answers in single bytes",
}
SERVER_ERROR = Fault("status", 500, description="Internal Server Error")
BAD_GATEWAY = Fault("html", 502)
"""A proxy's HTML page, no JSON."""
RESET = Fault("reset")
"""The connection is cut before anything is done."""
HANG = Fault("hang")
"""No answer ever comes, nothing is done."""
RESET_AFTER = Fault("reset_after")
"""The message is delivered, the connection is cut before the answer."""
HANG_AFTER = Fault("hang_after")
"""The message is delivered, no answer ever comes."""
SLOW = Fault("slow")
"""The answer comes in single bytes."""
