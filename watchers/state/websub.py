"""Defines the pure parts of WebSub (W3C Recommendation 2018): requests to a hub, verification of its calls, times of renewal.

    asked ──verified──► active ──four fifths of the lease──► asked again, still active
      └──denied──► asked again after a week          no longer wanted ──► leaving ──verified, or three tries──► gone

No web server and no clock: `bot.polling.websub` answers the hub with the result of `verify` and stores the changed subscriptions.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

LEASE = timedelta(days=7)
"""The lease we ask for; the hub can grant less."""
SHORTEST_LEASE = timedelta(hours=1)
LONGEST_LEASE = timedelta(days=90)
"""A longer lease of a hub is cut, so that every callback is renewed from time to time."""
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=1)
"""The wait between tries, if the hub does not answer, refuses or does not verify; three times longer each time, up to this."""
DENIED_WAIT = timedelta(days=7)
LONGEST_REASON = 200
LEAVING_TRIES = 3
"""After this number of tries to unsubscribe the hub is not asked again: its next call gets 404, and the lease expires."""
_ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""The algorithms of the Recommendation, section 7. SHA-1 is needed, because the largest public hub uses it; collisions, its weakness, do
not break an HMAC with a secret key."""


Mode = Literal["subscribe", "unsubscribe"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription at a hub. `callback` is a full, unguessable address for this subscription only. Times are aware UTC."""

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
    """When to ask the hub next; None: at once."""
    tries: int = 0
    """Number of requests since the hub last verified."""
    error: str = ""
    """Why the latest request failed; "" if it did not or has no answer yet."""

    @property
    def mode(self) -> Mode:
        """Returns the mode of the next request to the hub."""
        return "unsubscribe" if self.state == "leaving" else "subscribe"

    def is_active(self, now: datetime) -> bool:
        """Returns True if the hub pushes new items at `now`."""
        clock_was_set_back = self.confirmed_at is not None and self.confirmed_at > now
        return self.state == "active" and self.until is not None and self.until > now and not clock_was_set_back


def request_form(subscription: Subscription) -> dict[str, str]:
    """Returns the form to post to the hub."""
    form = {"hub.mode": subscription.mode, "hub.topic": subscription.topic, "hub.callback": subscription.callback}
    if subscription.mode == "subscribe":
        form |= {"hub.lease_seconds": str(int(subscription.lease.total_seconds())), "hub.secret": subscription.secret}
    return form


def verify(query: Mapping[str, str], subscription: Subscription) -> str | None:
    """Returns the challenge to echo with 200, if the call matches our request; None to answer 404.

    An "unsubscribe" is confirmed only if we asked for it, so that no third party can end a subscription.
    """
    if query.get("hub.mode") != subscription.mode or query.get("hub.topic") != subscription.topic or subscription.state == "denied":
        return None
    return query.get("hub.challenge") or None


def denied(query: Mapping[str, str], subscription: Subscription) -> str | None:
    """Returns the hub's reason if the call denies this subscription; None otherwise."""
    if query.get("hub.mode") == "denied" and query.get("hub.topic") == subscription.topic:
        return readable(query.get("hub.reason", "")) or "without a reason"
    return None


def readable(text: str) -> str:
    """Returns a hub's text as one short line without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:1_000]).split())[:LONGEST_REASON]


def granted_until(query: Mapping[str, str], now: datetime) -> datetime:
    """Returns the end of the lease in the verification; of `LEASE` if it has no valid lease."""
    seconds = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 9 else LEASE
    return now + min(max(lease, SHORTEST_LEASE), LONGEST_LEASE)


def renew_at(granted: datetime, until: datetime) -> datetime:
    """Returns the time of renewal: after four fifths of the lease, which leaves time for two failed tries."""
    return granted + (until - granted) * 0.8


def asking(subscription: Subscription, now: datetime) -> Subscription:
    """Returns the subscription to store just before a request. Without an answer (or after a crash) the hub is asked again at `next_at`."""
    tries = subscription.tries + 1
    wait = min(FIRST_WAIT * 3 ** min(tries - 1, 10), LONGEST_WAIT)
    state = "asked" if subscription.state == "denied" else subscription.state
    return replace(subscription, state=state, asked_at=now, tries=tries, next_at=now + wait)


def confirmed(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Subscription:
    """Returns the subscription after the hub has verified it."""
    until = granted_until(query, now)
    return replace(subscription, state="active", until=until, confirmed_at=now, next_at=renew_at(now, until), tries=0, error="")


def refused(subscription: Subscription, reason: str, now: datetime) -> Subscription:
    """Returns the subscription after the hub has denied it, at once or during a lease."""
    if subscription.state == "leaving":
        return replace(subscription, error=reason)
    return replace(subscription, state="denied", until=None, next_at=now + DENIED_WAIT, tries=0, error=reason)


def leaving(subscription: Subscription, now: datetime) -> Subscription:
    """Returns the subscription to store when the feed no longer needs it; the hub is then asked to unsubscribe."""
    return replace(subscription, state="leaving", next_at=now, tries=0, error="")


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Returns True if `header` (X-Hub-Signature) is the signature of `body` with `secret`. False without a signature."""
    method, _, signature = header.strip().partition("=")
    algorithm = _ALGORITHMS.get(method.lower())
    if algorithm is None or not signature:
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("ascii", "replace"))
