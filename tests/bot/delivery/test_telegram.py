"""TelegramChat against the strict Bot API server: what arrives, and what each trouble is called."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.delivery.telegram import TelegramChat, TokenRefusedError, UpdatesError, address
from bot.message import Button, Message, NotSent, Sent
from tests.support.bot_api import (
    BAD_GATEWAY,
    HANG,
    HANG_AFTER,
    RESET,
    RESET_AFTER,
    SERVER_ERROR,
    SLOW,
    BotApiServer,
    Chat,
    Fault,
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(monotonic=lambda: 0.0) as running:
        yield running


@pytest.fixture
async def telegram(server: BotApiServer) -> AsyncIterator[TelegramChat]:
    service = TelegramChat(SecretStr(server.token), server.base_url, timeout=0.3, connect_timeout=0.3)
    yield service
    await service.stop()


def to(chat: Chat, html: str = "<b>Nvidia</b> buys", **more: object) -> Message:
    return Message(f"telegram:{chat.id}", html, "Nvidia buys", **more)  # type: ignore[arg-type]


async def test_a_message_arrives_with_its_markup_keys_and_without_a_preview(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    keys = ((Button("Open", url="https://news.example/1"), Button("Why", data="w:1")), (Button("Mute", data="m:1"),))
    sent = await telegram.send(to(chat, buttons=keys, silent=True))
    assert sent == Sent("1")
    assert chat.last.text == "Nvidia buys"
    assert chat.last.marked("bold") == ["Nvidia"]
    assert chat.last.buttons == ["Open", "Why", "Mute"]
    assert (chat.last.silent, chat.last.preview) == (True, False)


async def test_photos_documents_answers_and_topics_arrive(server: BotApiServer, telegram: TelegramChat) -> None:
    forum = server.group(forum=True, topics=(5,))
    where = f"telegram:{forum.id}/5"
    assert await telegram.send(Message(where, "chart", "chart", photo=PNG)) == Sent("1")
    assert await telegram.send(Message(where, "export", "export", document=("hits.csv", b"a,b\n"), reply_to="1")) == Sent("2")
    assert (forum.messages[0].photo, forum.messages[0].thread) == (PNG, 5)
    assert (forum.last.document, forum.last.reply_to) == (("hits.csv", b"a,b\n"), 1)


async def test_an_edit_replaces_text_or_caption_and_an_unchanged_one_counts_as_done(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    await telegram.send(to(chat))
    await telegram.send(Message(f"telegram:{chat.id}", "chart", "chart", photo=PNG))
    assert await telegram.send(to(chat, "<b>Nvidia</b> buys, in 3 sources", edit="1")) == Sent("1")
    assert await telegram.send(to(chat, "<b>Nvidia</b> buys, in 3 sources", edit="1")) == Sent("1")
    assert chat.messages[0].versions == ["Nvidia buys"]
    server.limits = None
    assert await telegram.send(to(chat, "new caption", edit="2")) == Sent("2")
    assert chat.messages[1].text == "new caption"
    assert await telegram.send(to(chat, "x", edit="77")) == NotSent("refused", "Message to edit not found")


@pytest.mark.parametrize(
    ("fault", "kind", "arrived"),
    [
        (SERVER_ERROR, "server_error", 0),
        (Fault.answer(503, "Service Unavailable"), "server_error", 0),
        (BAD_GATEWAY, "uncertain", 0),
        (RESET, "uncertain", 0),
        (HANG, "uncertain", 0),
        (RESET_AFTER, "uncertain", 1),
        (HANG_AFTER, "uncertain", 1),
        (Fault.flood(17), "flood", 0),
        (Fault.answer(401, "Unauthorized"), "retry", 0),
        (Fault.answer(403, "Forbidden: bot was blocked by the user"), "gone", 0),
        (Fault.answer(400, "Bad Request: TOPIC_CLOSED"), "gone", 0),
        (Fault.answer(400, "Bad Request: message is too long"), "refused", 0),
        (Fault.answer(413, "Request Entity Too Large"), "refused", 0),
    ],
)
async def test_each_trouble_has_its_name(server: BotApiServer, telegram: TelegramChat, fault: Fault, kind: str, arrived: int) -> None:
    chat = server.private()
    server.fail("sendMessage", fault)
    outcome = await telegram.send(to(chat))
    assert isinstance(outcome, NotSent)
    assert outcome.kind == kind, outcome.error
    assert outcome.retry_after == (17 if kind == "flood" else None)
    assert len(chat.from_bot) == arrived


async def test_a_slow_answer_is_an_answer(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    server.fail("sendMessage", SLOW)
    assert await telegram.send(to(chat)) == Sent("1")


async def test_a_connection_that_never_opened_is_retried(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    await server.close()
    outcome = await telegram.send(to(chat))
    assert isinstance(outcome, NotSent)
    assert (outcome.kind, outcome.error) == ("retry", "no connection: ConnectError")


async def test_what_the_chat_itself_refuses(server: BotApiServer, telegram: TelegramChat) -> None:
    stranger = server.private(started=False)
    blocked, silent, old, forum = server.private(), server.channel(), server.group(), server.group(forum=True, topics=(3,))
    blocked.blocked, silent.may_post, old.migrated_to, forum.topics[3] = True, False, -1009, True
    outcomes = [await telegram.send(to(chat)) for chat in (stranger, blocked, silent, old)]
    outcomes.append(await telegram.send(Message(f"telegram:{forum.id}/3", "x", "x")))
    outcomes.append(await telegram.send(Message("telegram:4242", "x", "x")))
    assert [outcome.kind for outcome in outcomes if isinstance(outcome, NotSent)] == ["gone", "gone", "gone", "migrated", "gone", "gone"]
    assert outcomes[3] == NotSent("migrated", outcomes[3].error, new_chat="telegram:-1009")  # type: ignore[union-attr]


async def test_wrong_markup_is_named_so_that_the_plain_text_can_follow(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    outcome = await telegram.send(to(chat, "<b>Nvidia buys"))
    assert isinstance(outcome, NotSent)
    assert outcome.kind == "bad_markup"
    assert await telegram.send(Message(f"telegram:{chat.id}", "", "5 < 6 & <b>")) == Sent("1")
    assert chat.last.text == "5 < 6 & <b>"


async def test_an_odd_address_loses_its_key_and_not_the_alert(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    keys = ((Button("Open", url="http://"), Button("Why", data="w:1")), (Button("Also", url="nowhere"),))
    assert await telegram.send(to(chat, buttons=keys)) == Sent("1")
    assert chat.last.buttons == ["Why"]


async def test_a_photo_that_telegram_cannot_read_leaves_its_text(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    assert await telegram.send(to(chat, photo=b"no picture")) == Sent("1")
    assert (chat.last.text, chat.last.photo) == ("Nvidia buys", None)


async def test_what_breaks_the_library_is_set_aside(telegram: TelegramChat) -> None:
    outcome = await telegram.send(Message("console", "x", "x"))
    assert isinstance(outcome, NotSent)
    assert outcome.kind == "poison"


async def test_floods_are_named_with_their_wait(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    outcomes = [await telegram.send(to(chat)) for _ in range(4)]
    assert outcomes[:3] == [Sent("1"), Sent("2"), Sent("3")]
    assert isinstance(outcomes[3], NotSent)
    assert (outcomes[3].kind, outcomes[3].retry_after) == ("flood", 1)


async def test_updates_come_as_telegram_wrote_them_and_troubles_as_one_error(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    await server.say(chat, "/start 12")
    (update,) = await telegram.updates(None, 0)
    assert update["message"]["text"] == "/start 12"
    assert update["message"]["chat"]["id"] == chat.id
    assert await telegram.updates(update["update_id"] + 1, 0) == []
    server.fail("getUpdates", Fault.flood(9), BAD_GATEWAY)
    with pytest.raises(UpdatesError) as waits:
        await telegram.updates(None, 0)
    assert waits.value.wait == 9
    with pytest.raises(UpdatesError):
        await telegram.updates(None, 0)


async def test_a_press_can_be_answered_once_and_in_time(server: BotApiServer, telegram: TelegramChat) -> None:
    chat = server.private()
    await telegram.send(to(chat, buttons=((Button("Why", data="w:1"),),)))
    press = await server.press(chat.last, "Why")
    assert await telegram.answer_press(press.id, "because")
    assert (press.answered, press.text) == (True, "because")
    assert not await telegram.answer_press(press.id, "again")
    assert await telegram.set_keys(f"telegram:{chat.id}", "1", ())
    assert chat.last.buttons == []
    assert not await telegram.set_keys(f"telegram:{chat.id}", "1", ())


async def test_start_refuses_a_token_that_telegram_does_not_know_and_bears_a_network_that_is_down(server: BotApiServer) -> None:
    wrong = TelegramChat(SecretStr("123456789:wrong-token-wrong-token-wrong-token"), server.base_url, timeout=0.3)
    with pytest.raises(TokenRefusedError):
        await wrong.start()
    await wrong.stop()
    down = TelegramChat(SecretStr(server.token), "http://127.0.0.1:9/bot", timeout=0.3)
    await down.start()
    await down.stop()
    await down.stop()


async def test_the_token_is_in_no_error_log_line_repr_or_traceback(
    server: BotApiServer, telegram: TelegramChat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "telegram"):
        caplog.set_level(logging.DEBUG, logger=name)
    chat = server.private()
    written = [repr(telegram), str(vars(telegram).keys())]
    unknown = Fault.answer(404, f"Not Found: /bot{server.token}/x")
    for fault in (SERVER_ERROR, BAD_GATEWAY, RESET, HANG, unknown, Fault.answer(401, "Unauthorized")):
        server.fail("sendMessage", fault)
        written.append(repr(await telegram.send(to(chat))))
        server.fail("getUpdates", fault)
        try:
            await telegram.updates(None, 0)
        except UpdatesError:
            written.append(traceback.format_exc())
    server.token = "another"
    try:
        await telegram.start()
    except TokenRefusedError:
        written.append(traceback.format_exc())
    await server.close()
    written.append(repr(await telegram.send(to(chat))))
    written.append(caplog.text)
    secret = "AAF-loopback_bot-api_server_token_00001"
    assert "httpx" in caplog.text, "the loggers were heard"
    assert secret not in "\n".join(written)


@pytest.mark.parametrize(
    ("chat", "parts"),
    [
        ("telegram:5", (5, None)),
        ("telegram:-100123/7", (-100123, 7)),
        ("telegram:-100123/1", (-100123, None)),
        ("telegram:@news", ("@news", None)),
    ],
)
def test_a_chat_id_names_chat_and_topic(chat: str, parts: tuple[object, object]) -> None:
    assert address(chat) == parts
