"""The pure parts of WebSub."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchers.websub import LEASE, Subscription, denied, granted_until, is_signed, renew_at, request_form, verify

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
SUBSCRIPTION = Subscription("https://hub.example/", "https://news.example/feed", "https://me.example/websub/k9", "s3cret", NOW)


def test_a_subscription_asks_for_topic_lease_and_signatures() -> None:
    form = request_form(SUBSCRIPTION)
    assert form["hub.mode"] == "subscribe"
    assert (form["hub.topic"], form["hub.callback"], form["hub.secret"]) == (SUBSCRIPTION.topic, SUBSCRIPTION.callback, "s3cret")
    assert form["hub.lease_seconds"] == "604800"
    assert "hub.secret" not in request_form(SUBSCRIPTION, "unsubscribe")


def test_only_what_was_asked_for_is_confirmed() -> None:
    query = {"hub.mode": "subscribe", "hub.topic": SUBSCRIPTION.topic, "hub.challenge": "abc"}
    assert verify(query, SUBSCRIPTION) == "abc"
    assert verify(query | {"hub.topic": "https://evil.example/"}, SUBSCRIPTION) is None
    assert verify(query | {"hub.mode": "unsubscribe"}, SUBSCRIPTION) is None
    assert verify({"hub.mode": "subscribe", "hub.topic": SUBSCRIPTION.topic}, SUBSCRIPTION) is None
    assert verify(query, replace(SUBSCRIPTION, state="denied")) is None


def test_a_denial_is_heard_with_its_reason() -> None:
    assert denied({"hub.mode": "denied", "hub.topic": SUBSCRIPTION.topic, "hub.reason": "full"}, SUBSCRIPTION) == "full"
    assert denied({"hub.mode": "denied", "hub.topic": "https://evil.example/"}, SUBSCRIPTION) is None


@pytest.mark.parametrize(("said", "lease"), [("86400", timedelta(days=1)), ("", LEASE), ("x", LEASE), ("5", timedelta(hours=1))])
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
    weak = "sha1=" + hmac.new(b"s3cret", body, hashlib.sha1).hexdigest()
    for header in ("", "sha256=", weak, "md5=abc", "sha256=ü"):
        assert not is_signed(header, "s3cret", body)
