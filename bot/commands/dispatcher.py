"""Defines Dispatcher, which answers one update: it authorises the user, finds the command, and stores effect, response and "handled" in one
transaction.

It knows neither Telegram's updates nor the commands themselves (`registry` names them). A command that fails is reported to the user and
not repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from bot.alerts.buttons import NO_BUTTON, is_menu, read_button
from bot.commands import registry
from bot.commands.command import Command, ReplyMessage, Request, Response, to_message
from bot.commands.context import Caller, Services, admit
from bot.commands.membership import follow_membership, follow_migration
from bot.commands.pairing import pair_chat, redeem
from bot.commands.update import IncomingUpdate
from bot.i18n.translate import t, t_plain
from bot.log import redact
from bot.store import Store, conversations, deliveries, updates
from bot.store.chats import set_state
from bot.store.deliveries import NewDelivery
from bot.store.store import is_passing

log = structlog.get_logger(__name__)


class Dispatcher:
    """Answers single updates. `wake` is called when a response was written for the outbox."""

    def __init__(self, services: Services, wake: Callable[[], None]) -> None:
        self._services = services
        self._wake = wake

    async def drop_excess(self, incoming: IncomingUpdate, *, told: bool, most: int) -> None:
        """Marks an update above the limit as handled; unless `told` before, tells the chat that only `most` were answered."""
        caller = await self._services.thread.read(admit, incoming, self._services)
        answer = Response((ReplyMessage(t(caller.settings.language, "too_many", count=most)),)) if caller and not told else Response()
        await self._services.thread.write(_record, incoming, answer, self._services.clock.now(), error="too many at once")
        self._wake()

    async def dispatch(self, incoming: IncomingUpdate, again: bool) -> None:
        """Answers the update once; errors are logged and reported to the user. `again`: the update was started before, but the database
        failed.

        Raises the database's exception while it cannot be written: then nothing has happened, and the update can be dispatched again.
        """
        services = self._services
        try:
            if not again and not await services.thread.write(updates.begin, incoming.update):
                log.error("update set aside", update=incoming.update, chat=incoming.chat)
                answer = await self._failed(incoming, "begun too often")
            else:
                answer = await self._answered(incoming)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if is_passing(error):
                raise
            log.error("command failed", chat=incoming.chat, update=incoming.update, error=redact(f"{type(error).__name__}: {error}"))
            answer = await self._failed(incoming, "failed")
        if answer is None:
            return
        if answer.replies:
            self._wake()
        if incoming.press:
            await self._after_press(incoming, answer)

    async def _after_press(self, incoming: IncomingUpdate, answer: Response) -> None:
        telegram = self._services.telegram
        await telegram.answer_press(incoming.press, answer.toast, alert=answer.alarm)
        if answer.keys is not None:
            await telegram.set_keys(incoming.chat, incoming.message, answer.keys)

    async def _failed(self, incoming: IncomingUpdate, why: str) -> Response | None:
        """Marks the update as handled and reports the failure, if the user is authorised."""
        caller = await self._services.thread.read(admit, incoming, self._services)
        said = incoming.text.split()[0] if incoming.text.split() else "…"
        lang = caller.settings.language if caller else "en"
        if caller and incoming.press:
            answer = Response(toast=t_plain(lang, "failed", command="…"), alarm=True)
        else:
            answer = Response((ReplyMessage(t(lang, "failed", command=said)),)) if caller else Response()
        return answer if await self._services.thread.write(_record, incoming, answer, self._services.clock.now(), error=why) else None

    async def _answered(self, incoming: IncomingUpdate) -> Response | None:
        """Returns the response after it is written with its effect; None if no response is needed any more."""
        now = self._services.clock.now()
        if incoming.kind in {"membership", "migration"}:
            follow = follow_membership if incoming.kind == "membership" else follow_migration
            await self._services.thread.write(follow, incoming, now)
            return None
        caller = await self._services.thread.read(admit, incoming, self._services)
        command = incoming.command(self._services.telegram.username)
        if command and command[0] == "start" and (command[1] or caller is None):
            return await self._services.thread.write(_pair, incoming, command[1], self._services, now)
        if caller is None:
            await self._services.thread.write(updates.finish, incoming.update, now)
            return None
        if incoming.channel and incoming.press:
            writer = await self._writer(incoming, caller)
            if writer is None:
                said = t_plain(caller.settings.language, "only_channel_admin")
                return await self._write(incoming, Response(toast=said, alarm=True))
            incoming, caller = writer
        if caller.gone:
            await self._services.thread.write(set_state, caller.known, "active")
        callback = read_button(self._services.secret, incoming.data) if incoming.press else None
        request = Request(
            incoming.update, caller, "", now, self._services, message=incoming.message, answers=incoming.answers,
            callback=callback or NO_BUTTON,
        )  # fmt: skip
        return await self._answer_known(incoming, request, command)

    async def _writer(self, incoming: IncomingUpdate, caller: Caller) -> tuple[IncomingUpdate, Caller] | None:
        """A user who may post in a channel presses its buttons in the channel's name. Other readers may not: a button's effect concerns all
        of them."""
        if not caller.admin and not await self._administrates(incoming):
            return None
        written = replace(incoming, person="")
        again = await self._services.thread.read(admit, written, self._services)
        return (written, replace(caller, person="", admin=caller.admin or again.admin)) if again is not None else None

    async def _answer_known(self, incoming: IncomingUpdate, request: Request, command: tuple[str, str] | None) -> Response | None:
        """Handles an update from an authorised user."""
        found, words, problem = await self._meant(incoming, request, command)
        if found is None:
            return await self._write(incoming, problem)
        if not request.admin and await self._in_admin_group(incoming, request.caller):
            request = replace(request, caller=replace(request.caller, admin=True))
        refused = await self._refused(incoming, found, request)
        if refused is not None:
            return await self._write(incoming, refused)
        return await self._carry_out(incoming, found, replace(request, words=words))

    async def _in_admin_group(self, incoming: IncomingUpdate, caller: Caller) -> bool:
        """In a group that was paired as admin, the group's administrators may change what is watched."""
        if caller.settings.role != "admin" or incoming.private or incoming.channel:
            return False
        return incoming.as_chat or await self._administrates(incoming)

    async def _meant(
        self, incoming: IncomingUpdate, request: Request, command: tuple[str, str] | None
    ) -> tuple[Command | None, str, Response]:
        """Returns the handler and its arguments; without a handler, the response instead."""
        if incoming.kind == "press":
            said = "old_button" if request.pressed else "forged_button"
            return registry.key(request.callback.action), "", Response(toast=t_plain(request.lang, said), alarm=True)
        if command is not None:
            found = registry.command(command[0])
            said_back = request.say("unknown_command", command=f"/{command[0]}")
            # In a group others' commands are heard too; only a person alone with the bot can have meant it.
            return found, command[1], Response((ReplyMessage(said_back),)) if incoming.private else Response()
        meant = incoming.private or incoming.channel or incoming.answers_bot
        open_ = (
            await self._services.thread.read(conversations.read_dialogue, incoming.chat, incoming.person, request.now) if meant else None
        )
        if open_ is not None and open_.state.get("waits"):
            return registry.dialogue(open_.kind), incoming.text, Response()
        if incoming.private:
            return registry.command("search"), incoming.text, Response()
        return None, "", Response()

    async def _refused(self, incoming: IncomingUpdate, found: Command, request: Request) -> Response | None:
        """Returns the response to a user without permission; None if it is allowed."""
        reason = ""
        if found.admin and not request.admin:
            reason = "only_admin"
        elif found.own and not request.admin and not (incoming.private or incoming.channel):
            may = incoming.as_chat or await self._administrates(incoming)
            reason = "" if may else "only_group_admin"
        if not reason:
            return None
        return (
            Response(toast=t_plain(request.lang, reason), alarm=True) if incoming.press else Response((ReplyMessage(request.say(reason)),))
        )

    async def _administrates(self, incoming: IncomingUpdate) -> bool:
        return bool(incoming.person and await self._services.telegram.is_admin(incoming.base, int(incoming.person)))

    async def _carry_out(self, incoming: IncomingUpdate, found: Command, request: Request) -> Response | None:
        thread = self._services.thread
        if found.fetch is not None:
            request = replace(request, fetched=await found.fetch(request))
        if found.read is not None:
            return await self._write(incoming, await thread.read(found.read, request))
        assert found.write is not None
        return await thread.write(_act, incoming, found.write, request)

    async def _write(self, incoming: IncomingUpdate, answer: Response) -> Response | None:
        return answer if await self._services.thread.write(_record, incoming, answer, self._services.clock.now()) else None


def _record(store: Store, incoming: IncomingUpdate, answer: Response, now: datetime, *, error: str | None = None) -> bool:
    """Marks the update as handled and writes the answer for the outbox; False when it was handled before."""
    if not updates.finish(store, incoming.update, now, error=error):
        return False
    for number, reply in enumerate(answer.replies, 1):
        message = to_message(incoming.chat, reply, incoming.message)
        deliveries.add(store, NewDelivery(incoming.chat, "reply", f"update:{incoming.update}:{number}", message, now, part=number), now)
    if incoming.press and answer.keys is not None:
        deliveries.set_menu(store, incoming.names(), incoming.message, answer.keys if is_menu(answer.keys) else None, now)
    return True


def _act(store: Store, incoming: IncomingUpdate, write: Callable[[Store, Request], Response], request: Request) -> Response | None:
    """Runs the command and stores its response in one transaction."""
    answer = write(store, request)
    return answer if _record(store, incoming, answer, request.now) else None


def _pair(store: Store, incoming: IncomingUpdate, code: str, services: Services, now: datetime) -> Response | None:
    """Handles a pairing code. Wrong codes of strangers get no answer."""
    caller = admit(store, incoming, services)
    lang = incoming.language or (caller.settings.language if caller else "en")
    role = redeem(store, incoming.chat, code, now) if code else None
    if role is not None:
        pair_chat(store, incoming.chat, role=role, title=incoming.title, language=incoming.language)
        answer = Response((ReplyMessage(t(lang, f"welcome_{role}")),))
    elif caller is not None:
        answer = Response((ReplyMessage(t(caller.settings.language, "already_in")),))
    else:
        answer = Response()
        updates.forget_others(store, incoming.chat, incoming.update)
    return answer if _record(store, incoming, answer, now) else None
