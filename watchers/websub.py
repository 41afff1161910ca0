"""Defines the pure parts of WebSub (W3C Recommendation 2018): what is sent to a hub, how its calls are verified, when to renew.

No web server here; who has one answers the hub with what `verify` gives.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

LEASE = timedelta(days=7)
"""What we ask for; the hub may grant less."""
SHORTEST_LEASE = timedelta(hours=1)
_ALGORITHMS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""sha1 is allowed by the Recommendation for old hubs and refused here: a forged item would become an alert."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What we asked a hub for. `callback` is unguessable and belongs to this subscription alone."""

    hub: str
    topic: str
    callback: str
    secret: str
    asked_at: datetime
    lease: timedelta = LEASE
    state: Literal["asked", "active", "denied"] = "asked"
    until: datetime | None = None


def request_form(subscription: Subscription, mode: Literal["subscribe", "unsubscribe"] = "subscribe") -> dict[str, str]:
    """The form that is posted to the hub."""
    form = {"hub.mode": mode, "hub.topic": subscription.topic, "hub.callback": subscription.callback}
    if mode == "subscribe":
        form |= {"hub.lease_seconds": str(int(subscription.lease.total_seconds())), "hub.secret": subscription.secret}
    return form


def verify(query: Mapping[str, str], subscription: Subscription, wanted: Literal["subscribe", "unsubscribe"] = "subscribe") -> str | None:
    """The challenge to echo with 200 when the hub asks for what we asked for; None to answer 404, for everything else."""
    if query.get("hub.mode") != wanted or query.get("hub.topic") != subscription.topic or subscription.state == "denied":
        return None
    return query.get("hub.challenge") or None


def denied(query: Mapping[str, str], subscription: Subscription) -> str | None:
    """The hub's reason when it denies this subscription; None when this call does not."""
    if query.get("hub.mode") == "denied" and query.get("hub.topic") == subscription.topic:
        return query.get("hub.reason") or "without a reason"
    return None


def granted_until(query: Mapping[str, str], now: datetime) -> datetime:
    """When the subscription ends, as the verification says; our own lease where it says nothing that can be."""
    seconds = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(seconds)) if seconds.isdigit() and len(seconds) < 9 else LEASE
    return now + max(lease, SHORTEST_LEASE)


def renew_at(granted: datetime, until: datetime) -> datetime:
    """When to ask again: after four fifths of the lease, so that two failed tries fit in."""
    return granted + (until - granted) * 0.8


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Whether `header` (X-Hub-Signature) is the signature of `body` under `secret`. Unsigned content is never taken."""
    method, _, given = header.strip().partition("=")
    algorithm = _ALGORITHMS.get(method.lower())
    if algorithm is None or not given:
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("ascii", "replace"))
