"""The pure parts of WebSub."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchers.state.websub import (
    DENIED_WAIT,
    FIRST_WAIT,
    LEASE,
    LONGEST_LEASE,
    LONGEST_WAIT,
    Subscription,
    asking,
    confirmed,
    denied,
    granted_until,
    is_signed,
    leaving,
    refused,
    renew_at,
    request_form,
    verify,
)

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
SUBSCRIPTION = Subscription("https://hub.example/", "https://news.example/feed", "https://me.example/websub/k9", "s3cret", NOW)


def test_a_subscription_asks_for_topic_lease_and_signatures() -> None:
    form = request_form(SUBSCRIPTION)
    assert form["hub.mode"] == "subscribe"
    assert (form["hub.topic"], form["hub.callback"], form["hub.secret"]) == (SUBSCRIPTION.topic, SUBSCRIPTION.callback, "s3cret")
    assert form["hub.lease_seconds"] == "604800"
    away = request_form(leaving(SUBSCRIPTION, NOW))
    assert away["hub.mode"] == "unsubscribe"
    assert "hub.secret" not in away


def test_only_what_was_asked_for_is_confirmed() -> None:
    query = {"hub.mode": "subscribe", "hub.topic": SUBSCRIPTION.topic, "hub.challenge": "abc"}
    assert verify(query, SUBSCRIPTION) == "abc"
    assert verify(query | {"hub.topic": "https://evil.example/"}, SUBSCRIPTION) is None
    assert verify(query | {"hub.mode": "unsubscribe"}, SUBSCRIPTION) is None
    assert verify({"hub.mode": "subscribe", "hub.topic": SUBSCRIPTION.topic}, SUBSCRIPTION) is None
    assert verify(query, replace(SUBSCRIPTION, state="denied")) is None
    assert verify(query, replace(SUBSCRIPTION, state="active")) == "abc", "a hub may look again"
    assert verify(query, leaving(SUBSCRIPTION, NOW)) is None, "what was left is not subscribed again by a late call"
    assert verify(query | {"hub.mode": "unsubscribe"}, leaving(SUBSCRIPTION, NOW)) == "abc"


def test_a_denial_is_heard_with_its_reason() -> None:
    assert denied({"hub.mode": "denied", "hub.topic": SUBSCRIPTION.topic, "hub.reason": "full"}, SUBSCRIPTION) == "full"
    assert denied({"hub.mode": "denied", "hub.topic": "https://evil.example/"}, SUBSCRIPTION) is None
    reason = denied(
        {"hub.mode": "denied", "hub.topic": SUBSCRIPTION.topic, "hub.reason": "\x1b[2J full\r\n\u202eup" + "x" * 9_999}, SUBSCRIPTION
    )
    assert reason is not None
    assert reason.startswith("[2J full up")
    assert len(reason) == 200


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("86400", timedelta(days=1)),
        ("", LEASE),
        ("x", LEASE),
        ("5", timedelta(hours=1)),
        ("99999999", LONGEST_LEASE),
        ("9" * 40, LEASE),
    ],
)
def test_the_hub_says_how_long_and_renewal_comes_before(said: str, lease: timedelta) -> None:
    until = granted_until({"hub.lease_seconds": said}, NOW)
    assert until == NOW + lease
    assert NOW < renew_at(NOW, until) < until


def test_content_is_taken_only_with_the_right_signature() -> None:
    body = b"<rss/>"
    good = "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert is_signed(good, "s3cret", body)
    assert is_signed(good.upper().replace("SHA256", "sha256"), "s3cret", body)
    assert not is_signed(good, "other", body)
    assert not is_signed(good, "s3cret", body + b" ")
    for name in ("sha1", "sha384", "sha512"):
        assert is_signed(f"{name}=" + hmac.new(b"s3cret", body, name).hexdigest(), "s3cret", body)
    unkeyed = "sha256=" + hashlib.sha256(body).hexdigest()
    for header in (
        "",
        "sha256=",
        unkeyed,
        "md5=" + hmac.new(b"s3cret", body, "md5").hexdigest(),
        "sha256=ü",
        good[:-1],
        good.partition("=")[2],
    ):
        assert not is_signed(header, "s3cret", body)


def test_a_hub_that_does_not_answer_is_asked_again_ever_later() -> None:
    now, waits, one = NOW, [], SUBSCRIPTION
    for _ in range(8):
        one = asking(one, now)
        assert one.next_at is not None
        waits.append(one.next_at - now)
        now = one.next_at
    assert waits[0] == FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_what_is_verified_is_active_until_the_lease_ends_and_asked_again_before() -> None:
    one = confirmed(asking(SUBSCRIPTION, NOW), {"hub.lease_seconds": "86400"}, NOW)
    assert one.is_active(NOW + timedelta(hours=23))
    assert not one.is_active(NOW + timedelta(days=1))
    assert one.next_at is not None
    assert one.until is not None
    assert NOW < one.next_at < one.until
    again = asking(one, one.next_at)
    assert again.state == "active", "the old lease holds while the new one is asked for"


def test_a_denial_ends_it_for_a_week_and_does_not_bring_back_what_was_left() -> None:
    one = refused(confirmed(SUBSCRIPTION, {}, NOW), "full", NOW)
    assert (one.state, one.error, one.next_at) == ("denied", "full", NOW + DENIED_WAIT)
    assert not one.is_active(NOW)
    assert asking(one, NOW + DENIED_WAIT).state == "asked"
    assert refused(leaving(SUBSCRIPTION, NOW), "full", NOW).state == "leaving"
