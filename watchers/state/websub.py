"""Defines the pure parts of WebSub (W3C Recommendation 2018): what is sent to a hub, how its calls are verified, when to ask again.

    asked ──verified──► active ──four fifths of the lease──► asked again, still active
      └──denied──► asked again after a week          no longer wanted ──► leaving ──verified, or three tries──► gone

No web server here and no clock; who has them answers the hub with what `verify` gives and keeps what the transitions make.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

LEASE = timedelta(days=7)
"""What we ask for; the hub may grant less."""
SHORTEST_LEASE = timedelta(hours=1)
LONGEST_LEASE = timedelta(days=90)
"""What a hub may promise; a callback that is never renewed would outlive what its owner knows of it."""
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=1)
"""Between tries, when the hub does not answer, refuses or never verifies: three times longer each time."""
DENIED_WAIT = timedelta(days=7)
LONGEST_REASON = 200
LEAVING_TRIES = 3
"""After these the hub is left alone: its next call gets 404, and the lease ends by itself."""
_ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""Those of the Recommendation, section 7. SHA-1 too: it is all that the oldest and largest public hub signs with, and collisions, SHA-1's
weakness, help nobody against an HMAC whose key is secret."""


Mode = Literal["subscribe", "unsubscribe"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What we asked a hub for. `callback` is a whole address, unguessable, of this subscription alone. Times are aware UTC."""

    hub: str
    topic: str
    callback: str
    secret: str
    asked_at: datetime
    lease: timedelta = LEASE
    state: Literal["asked", "active", "denied", "leaving"] = "asked"
    until: datetime | None = None
    """The end of the lease that the hub granted last."""
    confirmed_at: datetime | None = None
    next_at: datetime | None = None
    """When the hub is to be asked (again); None: at once."""
    tries: int = 0
    """How often it was asked since it last verified."""
    error: str = ""
    """Why the latest try gave nothing, for people; "" when it did or nobody knows yet."""

    @property
    def mode(self) -> Mode:
        """What the hub is asked for next."""
        return "unsubscribe" if self.state == "leaving" else "subscribe"

    def brings(self, now: datetime) -> bool:
        """Whether the hub has promised to bring news now."""
        ahead = self.confirmed_at is not None and self.confirmed_at > now  # by a clock that was set back since
        return self.state == "active" and self.until is not None and self.until > now and not ahead


def request_form(subscription: Subscription) -> dict[str, str]:
    """The form that is posted to the hub."""
    form = {"hub.mode": subscription.mode, "hub.topic": subscription.topic, "hub.callback": subscription.callback}
    if subscription.mode == "subscribe":
        form |= {"hub.lease_seconds": str(int(subscription.lease.total_seconds())), "hub.secret": subscription.secret}
    return form


def verify(query: Mapping[str, str], subscription: Subscription) -> str | None:
    """The challenge to echo with 200 when the hub asks for what we asked for; None to answer 404, for everything else.

    Nobody is to be talked out of a subscription: to leave is confirmed only where we asked to leave.
    """
    if query.get("hub.mode") != subscription.mode or query.get("hub.topic") != subscription.topic or subscription.state == "denied":
        return None
    return query.get("hub.challenge") or None


def denied(query: Mapping[str, str], subscription: Subscription) -> str | None:
    """The hub's reason when it denies this subscription; None when this call does not."""
    if query.get("hub.mode") == "denied" and query.get("hub.topic") == subscription.topic:
        return readable(query.get("hub.reason", "")) or "without a reason"
    return None


def readable(text: str) -> str:
    """What a hub says, as one short line that a terminal can bear."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:1_000]).split())[:LONGEST_REASON]


def granted_until(query: Mapping[str, str], now: datetime) -> datetime:
    """When the subscription ends, as the verification says; our own lease where it says nothing that can be."""
    seconds = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 9 else LEASE
    return now + min(max(lease, SHORTEST_LEASE), LONGEST_LEASE)


def renew_at(granted: datetime, until: datetime) -> datetime:
    """When to ask again: after four fifths of the lease, so that two failed tries fit in."""
    return granted + (until - granted) * 0.8


def asking(subscription: Subscription, now: datetime) -> Subscription:
    """Just before the hub is asked: if nothing comes of it, not even an error because this process dies, it is asked again at `next_at`."""
    tries = subscription.tries + 1
    wait = min(FIRST_WAIT * 3 ** min(tries - 1, 10), LONGEST_WAIT)
    state = "asked" if subscription.state == "denied" else subscription.state
    return replace(subscription, state=state, asked_at=now, tries=tries, next_at=now + wait)


def confirmed(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Subscription:
    """After the hub has verified that we want it."""
    until = granted_until(query, now)
    return replace(subscription, state="active", until=until, confirmed_at=now, next_at=renew_at(now, until), tries=0, error="")


def refused(subscription: Subscription, reason: str, now: datetime) -> Subscription:
    """After the hub has denied it, at once or in the middle of a lease."""
    if subscription.state == "leaving":
        return replace(subscription, error=reason)
    return replace(subscription, state="denied", until=None, next_at=now + DENIED_WAIT, tries=0, error=reason)


def leaving(subscription: Subscription, now: datetime) -> Subscription:
    """When it is no longer wanted."""
    return replace(subscription, state="leaving", next_at=now, tries=0, error="")


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Whether `header` (X-Hub-Signature) is the signature of `body` under `secret`. Unsigned content is never taken."""
    method, _, given = header.strip().partition("=")
    algorithm = _ALGORITHMS.get(method.lower())
    if algorithm is None or not given:
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("ascii", "replace"))
