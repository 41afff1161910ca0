"""What a new hit makes of one chat, decided from values alone: no database, no text that was sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.alerts.plan import AlertedItem, plan
from bot.local_time import QuietHours
from bot.render.story import content_hash
from bot.store.chats import Chat, ChatSettings
from bot.store.story_deliveries import StoryDeliveryState
from bot.stories.build import EventView, RuleHit, StorySource, StoryView
from tests.support.scripted_chat import CAPABILITIES
from watchers.stories.developments import Development

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # 12:00 in Hanoi
QUIET_AT_NOON = QuietHours(time(11), time(13))
FPT = RuleHit(1, "fpt", "FPT", 0.8, "alert", (), 1, entities=frozenset({"fpt"}))
DEALS = RuleHit(2, "deals", "Deals", 0.6, "alert", (), 1)
REUTERS = StorySource(1, "Reuters", "https://reuters.example/1", "FPT opens a campus", NOON)
AFP = StorySource(2, "AFP", "https://afp.example/1", "FPT opens a campus", NOON)
PLANNED = EventView("facility", {"en": "new site"}, ("FPT",), status="planned", item_id=1)
ALONE = StoryView(7, "FPT opens a campus", NOON, NOON, (REUTERS,), (PLANNED,), (FPT, DEALS), publishers=("Reuters",))
STORY = replace(ALONE, sources=(REUTERS, AFP), publishers=("Reuters", "AFP"))
"""The story once AFP, the item that arrives in these tests, is part of it."""
DENIED = (Development("facility", "denied"),)


def chat(kind: str = "telegram", state: Any = "active", **settings: Any) -> Chat:
    return Chat(f"{kind}:1", kind, "", state, {}, ChatSettings(**settings))


def previous(story: StoryView = ALONE, **state: Any) -> StoryDeliveryState:
    """A chat that got an alert about the story as `story` has it, for the rule "fpt"."""
    known = {"state": "sent", "held": None, "rule": "fpt", "content_hash": content_hash(story, "en", "Asia/Ho_Chi_Minh"), **state}
    return StoryDeliveryState(chat="telegram:1", **known)


def decided(
    to: Chat, before: StoryDeliveryState | None = None, *, story: StoryView = STORY, recent: int = 0, **arrival: Any
) -> list[tuple[str, str, str | None]]:
    """Kind, key and reason for holding of what is written for the chat when AFP's item arrives."""
    item = AlertedItem(**{"item": 2, "rules": frozenset({"fpt", "deals"}), **arrival})
    told = {} if before is None else {to.id: before}
    rows = plan([to], story, item, told=told, recent={to.id: recent}, now=NOON, capabilities=CAPABILITIES)
    return [(row.kind, row.key, row.held) for row in rows]


ALERT = ("alert", "alert:7", None)
EDIT = ("edit", "edit:7:1", None)
FOLLOW_UP = ("news", "news:7:1", None)
LATER, EARLIER = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
RULES = {"fpt": LATER, "deals": LATER}


@pytest.mark.parametrize(
    ("settings", "arrival", "expected"),
    [
        pytest.param({}, {}, [ALERT], id="alert"),
        pytest.param({}, {"rules": frozenset()}, [], id="the item hit no rule"),
        pytest.param({}, {"sponsored": True}, [], id="sponsored"),
        pytest.param({"quiet_hours": QUIET_AT_NOON}, {}, [("alert", "alert:7", "quiet")], id="held by quiet hours"),
        pytest.param({"muted_stories": frozenset({7})}, {}, [], id="story muted"),
        pytest.param({"muted_stories": frozenset({8})}, {}, [ALERT], id="another story muted"),
        pytest.param({"muted_entities": frozenset({"fpt"})}, {"rules": frozenset({"fpt"})}, [], id="entity muted"),
        pytest.param({"muted_entities": frozenset({"nvidia"})}, {}, [ALERT], id="another entity muted"),
        pytest.param({"snoozed": RULES}, {}, [], id="both rules snoozed"),
        pytest.param({"snoozed": {"fpt": LATER}}, {}, [ALERT], id="one of two rules snoozed"),
        pytest.param({"snoozed": dict.fromkeys(RULES, EARLIER)}, {}, [ALERT], id="snooze over"),
        pytest.param({"rules": ("nvidia",)}, {}, [], id="rule not wanted"),
        pytest.param({"rules": ("deals",)}, {}, [ALERT], id="one of two rules wanted"),
        pytest.param({"severity": "digest"}, {}, [], id="everything to the digest"),
        pytest.param({"send": frozenset({"digest"})}, {}, [], id="no alerts wanted"),
    ],
)
def test_a_chat_that_does_not_know_the_story(settings: dict[str, Any], arrival: dict[str, Any], expected: list[object]) -> None:
    assert decided(chat(**settings), **arrival) == expected


@pytest.mark.parametrize(("recent", "held"), [(0, None), (2, None), (3, "cap"), (9, "cap")])
def test_over_the_limit_an_alert_is_held(recent: int, held: str | None) -> None:
    assert decided(chat(max_per_hour=3), recent=recent) == [("alert", "alert:7", held)]


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        (FPT, [ALERT]),
        (replace(FPT, severity="digest"), []),
        (replace(FPT, sponsored=True), []),
        (replace(FPT, share=0.2), []),
        (replace(FPT, share=0.25), [ALERT]),
    ],
)
def test_a_rule_alerts_when_its_severity_its_sources_and_its_share_do(hit: RuleHit, expected: list[object]) -> None:
    assert decided(chat(), story=replace(STORY, reasons=(hit,))) == expected


@pytest.mark.parametrize(
    ("before", "arrival", "expected"),
    [
        pytest.param(previous(), {}, [EDIT], id="another source: edit"),
        pytest.param(previous(STORY), {}, [], id="nothing else to say"),
        pytest.param(previous(STORY, rule="deals"), {}, [], id="another rule alone is no edit"),
        pytest.param(previous(content_hash=None), {}, [EDIT], id="unknown content"),
        pytest.param(previous(state="waiting"), {}, [ALERT], id="alert not sent yet: into it"),
        pytest.param(previous(state="uncertain"), {}, [ALERT], id="alert unconfirmed: into it"),
        pytest.param(previous(state="refused"), {}, [], id="alert refused"),
        pytest.param(previous(edits=1, edit_key="edit:7:1", edit_open=True), {}, [EDIT], id="into the edit that waits"),
        pytest.param(previous(edits=1, edit_key="edit:7:1"), {}, [("edit", "edit:7:2", None)], id="a second edit"),
        pytest.param(previous(), {"sponsored": True}, [EDIT], id="a sponsored source is added, too"),
        pytest.param(previous(), {"developments": DENIED}, [EDIT, FOLLOW_UP], id="denied: edit and follow-up"),
        pytest.param(previous(STORY), {"developments": DENIED}, [FOLLOW_UP], id="follow-up alone"),
        pytest.param(previous(follow_ups=1), {"developments": DENIED}, [EDIT, ("news", "news:7:2", None)], id="a second follow-up"),
        pytest.param(previous(), {"developments": DENIED, "sponsored": True}, [EDIT], id="a sponsored source brings no follow-up"),
        pytest.param(previous(state="waiting"), {"developments": DENIED}, [ALERT], id="the alert that waits says it all"),
        pytest.param(previous(held="quiet", state="waiting"), {}, [], id="held: stays held"),
        pytest.param(previous(held="quiet", state="waiting"), {"developments": DENIED}, [ALERT], id="held, then denied: alert"),
        pytest.param(
            previous(held="cap", state="waiting", in_digest=True), {"developments": DENIED}, [FOLLOW_UP], id="already in a digest"
        ),
    ],
)
def test_a_chat_that_knows_the_story(before: StoryDeliveryState, arrival: dict[str, Any], expected: list[object]) -> None:
    assert decided(chat(), before, **arrival) == expected


@pytest.mark.parametrize(("settings", "recent", "held"), [({"quiet_hours": QUIET_AT_NOON}, 0, "quiet"), ({"max_per_hour": 2}, 2, "cap")])
def test_a_follow_up_is_held_and_the_edit_is_not(settings: dict[str, Any], recent: int, held: str) -> None:
    expected = [EDIT, ("news", "news:7:1", held)]
    assert decided(chat(**settings), previous(), recent=recent, developments=DENIED) == expected


@pytest.mark.parametrize("settings", [{"muted_stories": frozenset({7})}, {"send": frozenset({"digest"})}])
def test_a_story_that_is_muted_afterwards_changes_nothing(settings: dict[str, Any]) -> None:
    assert decided(chat(**settings), previous(), developments=DENIED) == []


def test_a_snoozed_rule_keeps_the_message_true_and_sends_no_follow_up() -> None:
    assert decided(chat(snoozed=RULES), previous(), developments=DENIED) == [EDIT]


def test_a_service_that_cannot_edit_gets_the_follow_up_alone() -> None:
    assert decided(chat("also"), previous(), developments=DENIED) == [FOLLOW_UP]
    assert decided(chat("also"), previous()) == []


def test_a_chat_that_is_gone_gets_nothing() -> None:
    assert decided(chat(state="gone")) == []


@pytest.mark.parametrize(("edited_at", "due"), [(None, 0), (NOON, 60), (NOON - timedelta(seconds=50), 10), (LATER, 60), (EARLIER, 0)])
def test_edits_of_one_message_are_a_minute_apart(edited_at: datetime | None, due: int) -> None:
    item = AlertedItem(2, frozenset({"fpt"}))
    (row,) = plan([chat()], STORY, item, told={"telegram:1": previous(edited_at=edited_at)}, recent={}, now=NOON)
    assert row.due_at == NOON + timedelta(seconds=due)


@pytest.mark.parametrize(
    ("rule", "hits", "named"),
    [("deals", (FPT, DEALS), "deals"), (None, (FPT, DEALS), "fpt"), ("gone", (FPT, DEALS), "fpt"), ("fpt", (DEALS,), "deals")],
)
def test_an_edit_names_the_rule_of_the_alert_while_it_holds(rule: str | None, hits: tuple[RuleHit, ...], named: str) -> None:
    story = replace(STORY, reasons=hits)
    item = AlertedItem(2, frozenset({"fpt"}))
    (row,) = plan([chat()], story, item, told={"telegram:1": previous(rule=rule)}, recent={}, now=NOON)
    assert (row.rule, row.content_hash) == (named, content_hash(story, "en", "Asia/Ho_Chi_Minh"))


def test_each_chat_gets_the_alert_for_its_own_rule() -> None:
    chats = [replace(chat(rules=(rule,)), id=f"telegram:{rule}") for rule in ("fpt", "deals")]
    rows = plan(chats, STORY, AlertedItem(2, frozenset({"fpt", "deals"})), told={}, recent={}, now=NOON)
    assert [(row.chat, row.rule) for row in rows] == [("telegram:fpt", "fpt"), ("telegram:deals", "deals")]
    assert [row.message.plain.splitlines()[-1] for row in rows] == ["Why: FPT", "Why: Deals"]


@pytest.mark.parametrize(
    ("other", "changes"),
    [
        (replace(STORY, reasons=(DEALS,)), False),
        (replace(STORY, events=(replace(PLANNED, status="denied", targets=("VinBrain",)),)), True),
        (replace(STORY, sources=(AFP, REUTERS)), True),
        (replace(STORY, sponsored=True), True),
        (ALONE, True),
    ],
)
def test_the_content_of_an_alert_is_all_but_our_own_remarks(other: StoryView, changes: bool) -> None:
    assert (content_hash(other, "en", "UTC") != content_hash(STORY, "en", "UTC")) is changes
    assert content_hash(STORY, "vi", "UTC") != content_hash(STORY, "en", "UTC")
