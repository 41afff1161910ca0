"""The token is nowhere: every error that can be made is made, and everything that was written is searched."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import traceback
from pathlib import Path

import pytest
import structlog

from bot.delivery.telegram import UpdatesError
from bot.log import set_up
from tests.support.bot_api import BAD_GATEWAY, HANG_AFTER, RESET, SERVER_ERROR, TOKEN, Fault
from tests.support.chat_bot import deal, open_chat_bot

SECRET = TOKEN.partition(":")[2]
ROOT = Path(__file__).resolve().parents[2]
ECHO = Fault.answer(404, f"Not Found: /bot{TOKEN}/sendMessage")
"""A proxy that repeats the address it was asked for."""
METHODS = ("sendMessage", "getUpdates", "answerCallbackQuery", "setMyCommands", "deleteWebhook", "getMe")
FAULTS = (SERVER_ERROR, BAD_GATEWAY, RESET, HANG_AFTER, ECHO, Fault.flood(1), Fault.answer(401, "Unauthorized"), Fault.answer(403, TOKEN))


async def test_the_token_is_in_no_log_line_traceback_file_database_or_message(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    configured, root = structlog.get_config(), logging.getLogger().handlers[:]
    set_up(verbosity=2)
    for name in ("httpx", "httpcore", "telegram", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    errors: list[str] = []
    try:
        async with open_chat_bot(tmp_path) as bot:
            chat = await bot.paired()
            for fault in FAULTS:
                for method in METHODS if fault is not HANG_AFTER else METHODS[:1]:
                    bot.server.fail(method, fault)
                await bot.plant(deal(source=f"{fault.kind} {fault.status} {fault.description[:20]}"))
                await bot.updates.publish()
                for call in (
                    bot.services.telegram.updates(None, 0),
                    bot.services.telegram.set_webhook("", ""),
                    bot.services.telegram.start(),
                ):
                    try:
                        await call
                    except (UpdatesError, Exception) as error:
                        errors.append("".join(traceback.format_exception(error)) + repr(error))
                bot.server._faults.clear()
                await bot.answers(chat, f"/search {TOKEN}")
                await bot.answers(chat, "/status")
            errors.append(repr(bot.services) + repr(bot.services.telegram) + repr(bot.services.telegram._bot.__class__))
            await bot.server.say(chat, "/latest")
            await bot.server.close()
            for call in (bot.services.telegram.updates(None, 0), bot.services.telegram.start()):
                try:
                    await call
                except UpdatesError as error:
                    errors.append("".join(traceback.format_exception(error)))
            await bot.outbox.deliver_due()
            await bot.server.open()
            second = await bot.paired("Binh")
            echoed = (await bot.answer(second, f"/search {TOKEN}")).text
            exported = (await bot.answers(second, "/export"))[-1].document
            assert exported is not None
        written = capfd.readouterr()
        files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    finally:
        structlog.configure(**configured)
        logging.getLogger().handlers[:] = root
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert errors
    assert len(files) >= 1
    assert "Nothing found" in echoed
    assert SECRET not in echoed, "also when somebody pastes it into the chat"
    assert SECRET not in exported[1].decode()
    assert SECRET not in "".join(errors)
    assert SECRET not in written.out
    assert SECRET not in written.err
    assert SECRET not in caplog.text
    sent = {name: content.count(SECRET.encode()) for name, content in files.items()}
    assert sent == dict.fromkeys(sent, 0)


async def test_doctor_and_a_run_that_cannot_start_do_not_say_the_token(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[chat.telegram]\nbase_url = "http://127.0.0.1:9/bot"\n[seeds]\nfeeds = false\n')
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TELEGRAM_", "SEEDWATCH_"))}
    env |= {"PYTHONPATH": str(ROOT), "TELEGRAM_BOT_TOKEN": TOKEN}
    for arguments in (["doctor"], ["-v", "run", "--for", "1s"], ["run", "--for", "1s", "-v"]):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments, cwd=tmp_path, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert SECRET not in said.decode(), arguments
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes(), path
