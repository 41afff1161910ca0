"""What an answer of a chat service makes of a delivery is decided from values alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.settlement import RETRY_AFTER, SERVER_ERRORS, SERVER_ERRORS_ALONE, STEP_ASIDE, settle
from bot.message import Message, NotSent, Sent, Trouble
from bot.store.deliveries import ClaimedDelivery
from bot.store.settlements import ChatFacts, Notice, Settlement

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHAT = "telegram:-5"
POISON = Notice("notice_poison", "poison:7", {"chat": f"Team ({CHAT})", "key": "alert:1", "error": "no"})


def claimed(**values: Any) -> ClaimedDelivery:
    defaults = {"kind": "alert", "attempts": 1, "lost": 0, "server_errors": 0, "message": Message(CHAT, "<b>a</b>", "a")}
    return ClaimedDelivery(id=7, chat=CHAT, key="alert:1", story=1, **(defaults | values))


def settled(trouble: Trouble, *, facts: ChatFacts | None = None, answer: dict[str, Any] | None = None, **values: Any) -> Settlement:
    return settle(claimed(**values), NotSent(trouble, "no", **(answer or {})), NOW, facts or ChatFacts("Team"))


def again(seconds: float, **values: Any) -> Settlement:
    return Settlement(
        **{"state": "waiting", "error": "no", "due_at": NOW + timedelta(seconds=seconds), "again_in": seconds} | values
    )


def test_a_sent_message_keeps_its_id() -> None:
    assert settle(claimed(), Sent("m9"), NOW, ChatFacts()) == Settlement("sent", message_id="m9")


@pytest.mark.parametrize(("attempts", "lost", "pause"), [(1, 0, 2.0), (2, 0, 5.0), (7, 0, 300.0), (500, 0, 300.0), (3, 2, 2.0)])
def test_a_retry_pauses_the_chat_longer_each_time(attempts: int, lost: int, pause: float) -> None:
    state = "uncertain" if lost else "waiting"
    assert settled("retry", attempts=attempts, lost=lost) == again(pause, state=state, chat_pause=pause)


@pytest.mark.parametrize(
    ("errors", "others_arrived", "refused"),
    [
        (0, True, False),
        (SERVER_ERRORS - 2, True, False),
        (SERVER_ERRORS - 1, True, True),
        (SERVER_ERRORS - 1, False, False),
        (SERVER_ERRORS_ALONE - 2, False, False),
        (SERVER_ERRORS_ALONE - 1, False, True),
    ],
)
def test_a_server_error_is_poison_when_others_arrive_or_after_a_day(errors: int, others_arrived: bool, refused: bool) -> None:
    settlement = settled("server_error", server_errors=errors, facts=ChatFacts("Team", others_arrived=others_arrived))
    pause = RETRY_AFTER[min(errors, len(RETRY_AFTER) - 1)]
    waiting = again(pause, chat_pause=min(pause, STEP_ASIDE), server_error=True)
    assert settlement == (Settlement("refused", error="server_error: no", notice=POISON) if refused else waiting)


@pytest.mark.parametrize(("lost", "pause"), [(0, 60.0), (1, 600.0), (2, 3600.0)])
def test_a_lost_answer_repeats_the_message_late(lost: int, pause: float) -> None:
    assert settled("uncertain", lost=lost) == again(pause, state="uncertain", answer_lost=True)


def test_a_fourth_lost_answer_repeats_nothing() -> None:
    assert settled("uncertain", lost=3) == Settlement("uncertain", error="no", answer_lost=True)


@pytest.mark.parametrize(
    ("retry_after", "pause"), [(None, 30.0), (0.2, 1.0), (43838.0, 43838.0), (1e9, 36 * 3600 - 60.0)], ids=["none", "short", "day", "ever"]
)
def test_a_flood_limit_pauses_the_whole_chat(retry_after: float | None, pause: float) -> None:
    until = NOW + timedelta(seconds=pause + 1)
    assert settled("flood", answer={"retry_after": retry_after}) == again(pause, due_at=until, chat_pause=pause, chat_due_at=until)


def test_a_chat_that_moved_gets_the_message_at_its_new_id() -> None:
    notice = Notice("notice_moved", f"moved:{CHAT}", {"old": CHAT, "new": "telegram:-9"})
    expected = again(0.0, chat_moved_to="telegram:-9", chat_left=True, notice=notice)
    assert settled("migrated", answer={"new_chat": "telegram:-9"}) == expected


@pytest.mark.parametrize("new_chat", [None, "", CHAT])
def test_a_move_to_no_other_chat_is_poison(new_chat: str | None) -> None:
    assert settled("migrated", answer={"new_chat": new_chat}) == Settlement("refused", error="migrated: no", notice=POISON)


def test_a_chat_that_is_gone_is_told_to_admins_once() -> None:
    notice = Notice("notice_gone", f"gone:{CHAT}:7", {"chat": f"Team ({CHAT})", "error": "no"})
    assert settled("gone") == Settlement("refused", error="no", chat_gone=True, chat_left=True, notice=notice)
    assert settled("gone", facts=ChatFacts("Team", active=False)) == Settlement("refused", error="no", chat_left=True)


def test_markup_that_cannot_be_parsed_is_sent_as_plain_text() -> None:
    message = Message(CHAT, "<b>5 < 6", "5 < 6")
    assert settled("bad_markup", message=message) == again(0.0, new_message=Message(CHAT, "5 &lt; 6", "5 < 6"))


def test_plain_text_that_cannot_be_parsed_is_poison() -> None:
    settlement = settled("bad_markup", message=Message(CHAT, "5 &lt; 6", "5 < 6"))
    assert settlement == Settlement("refused", error="bad_markup: no", notice=POISON)


@pytest.mark.parametrize(("kind", "told"), [("alert", True), ("news", True), ("digest", True), ("edit", False), ("reply", False)])
def test_a_refused_message_is_told_to_admins_when_it_was_news(kind: str, told: bool) -> None:
    assert settled("refused", kind=kind) == Settlement("refused", error="no", notice=POISON if told else None)


@pytest.mark.parametrize(("kind", "told"), [("alert", True), ("edit", True), ("notice", False)])
def test_poison_is_told_to_admins_unless_it_was_a_notice(kind: str, told: bool) -> None:
    assert settled("poison", kind=kind) == Settlement("refused", error="poison: no", notice=POISON if told else None)


def test_a_chat_without_a_title_is_named_by_its_id() -> None:
    notice = settled("poison", facts=ChatFacts()).notice
    assert notice is not None
    assert notice.args["chat"] == CHAT
