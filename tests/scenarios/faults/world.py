"""Defines World: what stands around a bot under test (feeds, Telegram, chats, a disk, a clock) and the lives it lives on one database.

Feeds and the Bot API are real servers on loopback in the test's process; each life of the bot is a process of its own, which may be
killed. Time goes an hour from life to life, and sixty times as fast as outside within one.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import unescape
from pathlib import Path
from typing import Any

from bot.store import Store, iso
from bot.store.integrity import problems
from tests.scenarios.faults.ledger import Figures, Ledger
from tests.support.bot_api import SERVER_ERROR, BotApiServer, Chat, Fault, Seen
from tests.support.feed_server import Answer, FeedServer, feed_server, rss
from tests.support.killing import End, Killing, Point, Run
from tests.support.odd_updates import ODD

START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""Half past eight in Hanoi: the first digest is begun in the first life and sent a day later."""
HOUR = timedelta(hours=1)
JUMPS = (-HOUR, HOUR, timedelta(days=-2), timedelta(days=2))
"""By how much the clock is set."""
SPEED = 60.0
LISTED = 14
"""Items that a feed lists."""
FEEDS = 3
ASKED = 900_000
"""Numbers of stories from here on are only asked for."""

_WHO = ("Nvidia", "FPT", "Amkor")
_WHAT = ("quartz", "amber", "cobalt", "saffron", "velvet", "walnut", "copper", "indigo", "marble", "juniper", "maple", "silver", "coral")
_WHERE = (
    "Hanoi", "Da Nang", "Hue", "Can Tho", "Hai Phong", "Vinh", "Nha Trang", "Da Lat", "Quy Nhon", "Bac Ninh", "Thai Nguyen", "Nam Dinh",
    "Thanh Hoa", "Vung Tau", "Bien Hoa", "My Tho", "Pleiku", "Rach Gia", "Ha Long",
)  # fmt: skip


def piece(number: int) -> tuple[str, str]:
    """Title and text of the n-th news, told at once by the packaged rules, and a story of its own."""
    who, what, where = _WHO[number % 3], _WHAT[number % 13], _WHERE[number % 19]
    sum_ = 31 + 7 * number
    title = f"{who} to build a {sum_} million dollar {what} factory in {where}"
    return title, f"{who} will build the {what} factory in {where} for {sum_} million dollars, the company said on Monday."


@dataclass
class World:
    """Feeds, Telegram and one database; `live` is one life of the bot."""

    folder: Path
    feeds: FeedServer
    api: BotApiServer
    killer: Killing
    chats: list[Chat]
    figures: Figures = field(default_factory=Figures)
    ledger: Ledger = field(default_factory=Ledger)
    now: datetime = START
    titles: list[str] = field(default_factory=list)
    cursed: set[str] = field(default_factory=set)
    """News over whose alerts Telegram fails each time."""
    asked: dict[str, list[str]] = field(default_factory=dict)
    """By chat: what was asked, as the answers are known in the ledger."""
    _right: datetime = START
    """What a clock shows that nobody sets."""
    _jump: timedelta = timedelta()
    """By how much the clock will be set in the middle of the next life."""
    _listed: list[list[Mapping[str, str]]] = field(default_factory=lambda: [[] for _ in range(FEEDS)])
    _read: dict[int, int] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The bot's."""
        return self.folder / "bot" / "a.db"

    def publish(self, dice: random.Random) -> None:
        """News on one feed, sometimes on a second one too: the same story from another source."""
        title, text = piece(len(self.titles))
        self.titles.append(title)
        first = dice.randrange(FEEDS)
        for feed in {first, dice.randrange(FEEDS)} if dice.random() < 0.4 else {first}:
            entry = {
                "title": title, "description": text, "link": f"https://press{feed}.example/{len(self.titles)}",
                "pubDate": format_datetime(self.now - timedelta(minutes=5)),
            }  # fmt: skip
            self._listed[feed].append(entry)

    async def next_poll(self) -> None:
        """Waits until a bot asks for updates."""
        before = self._polls()
        await self.api.wait_until(lambda: self._polls() > before, timeout=60)

    def _polls(self) -> int:
        return sum(method == "getUpdates" for method, _ in self.api.calls)

    def curse(self) -> None:
        """Telegram fails over each alert about the latest news, for ever."""
        self.cursed.add(self.titles[-1])
        self.api.always = self._failing

    def _failing(self, method: str, values: Mapping[str, Any]) -> Fault | None:
        first = unescape(re.sub("<[^>]+>", "", str(values.get("text", "")).partition("\n")[0]))
        return SERVER_ERROR if method == "sendMessage" and first in self.cursed else None

    async def ask(self, dice: random.Random) -> None:
        """Somebody asks for a story that there is not; nobody else asks for its number."""
        chat = dice.choice(self.chats)
        number = ASKED + sum(map(len, self.asked.values()))
        self.asked.setdefault(chat.title, []).append(f"answer {number}")
        await self.api.say(chat, f"/story {number}")

    async def say_odd(self, dice: random.Random) -> None:
        """Telegram has an update that no version of today knows."""
        what = dice.choice(sorted(ODD))
        await self.api.push(ODD[what])
        self.figures.faults[f"update: {what}"] += 1

    def serve(self, flaws: Mapping[int, Answer] | None = None) -> None:
        """The feeds answer with what they list now, those in `flaws` otherwise."""
        for feed, entries in enumerate(self._listed):
            whole = rss(*reversed(entries[-LISTED:]), title=f"Press {feed}")
            self.feeds.play(f"/feed{feed}", (flaws or {}).get(feed, Answer(whole, validators=True)))

    def listing(self, feed: int, *, leave_out: int = 0) -> bytes:
        """What a feed lists now, its newest `leave_out` items missing."""
        entries = self._listed[feed][-LISTED:]
        return rss(*reversed(entries[: len(entries) - leave_out]), title=f"Press {feed}")

    def jump(self, dice: random.Random, *, likely: float) -> None:
        """With this likelihood the machine's clock is set: now, or in the middle of the next life. Not before the feeds were looked at
        once: the first look has nothing but the clock to tell which items are older than a day."""
        if dice.random() >= likely or not self.figures.lives:
            return
        by = dice.choice(JUMPS)
        while not timedelta(days=-4) < self.now + by - self._right < timedelta(days=4):
            by = -by
        how_far = "two days" if abs(by) > HOUR else "an hour"
        self.figures.faults[f"clock set {'back' if by < timedelta() else 'forward'} by {how_far}"] += 1
        if dice.random() < 0.5:
            self.now += by
        else:
            self._jump = by

    async def live(self, point: Point = "never", number: int = 0, *, timeout: float = 20.0, stay: bool = False) -> End:
        """One life; an hour passes. `timeout`: seconds that it waits for an answer of Telegram's. `stay`: see Run."""
        life = self.figures.lives
        met = len(self.api.met)
        self.figures.lives += 1
        run = Run(
            str(self.folder / "config.toml"), str(self.database), str(self.folder / "screen"), iso(self.now), point=point, number=number,
            token=self.api.token, speed=SPEED, timeout=timeout, digests=True, jump=self._jump.total_seconds(),
            hear=bool(self.api.waiting or self.asked), stay=stay,
        )  # fmt: skip
        end = await self.killer.live(run)
        self.now += HOUR + self._jump
        self._right += HOUR
        self._jump = timedelta()
        for _, fault in self.api.met[met:]:
            self.figures.faults[f"Telegram: {fault.said}"] += 1
            self.ledger.swallowed[life] += fault.kind.endswith("_after")
        if end.code == -9:
            self.ledger.died.add(life)
            self.figures.faults[f"killed: {point}"] += 1
        for chat in self.chats:
            new = chat.from_bot[self._read.get(chat.id, 0) :]
            self._read[chat.id] = len(chat.from_bot)
            self.ledger.note(chat.title, life, (identity(one) for one in new))
        return end

    def check_database(self) -> None:
        """The database is sound, whatever has just happened."""
        if self.database.exists():
            store = Store.open(self.database)  # for writing: a killed bot leaves a log that is to be played back
            try:
                self.figures.broken += problems(store)
            finally:
                store.close()

    async def settle(self, hours: int = 8) -> None:
        """Lives in peace, until nothing waits and the digest of another day is out."""
        for _ in range(hours):
            await self._in_peace()
            if not self._open():
                break
        else:
            self.figures.broken.append(f"still waiting after {hours} quiet hours: {self._open()}")
        # Later than any clock was: what digests of a clock ahead took the date of is told by this one.
        self.now = (max(self.now, self._right) + timedelta(days=5)).replace(hour=1, minute=30)
        for _ in range(2):  # the second proves that the first one's digest is not sent again
            await self._in_peace()

    async def _in_peace(self) -> None:
        self.serve()
        self.api.forget_faults()
        end = await self.live()
        if end.code != 0:
            self.figures.broken.append(f"a life without faults ended with {end.code}: {end.said}")

    def _open(self) -> list[str]:
        store = Store.open(self.database, readonly=True)
        try:
            rows = store.conn.execute(
                "SELECT chat || ' ' || key || ' ' || state FROM deliveries "
                "WHERE state IN ('waiting', 'sending') OR (state = 'uncertain' AND due_at < '9999')"
            )
            return [row[0] for row in rows]
        finally:
            store.close()

    def judge(self) -> Figures:
        """Counts, at the end."""
        expected = {chat.title: [*self.titles, *self._answers(chat)] for chat in self.chats}
        in_digest = {
            chat.title: [title for title in self.titles if self._given_up(chat, title) or self._held_back(chat, title)]
            for chat in self.chats
        }
        figures = self.figures
        set_aside = {chat.title: [one for one in self.cursed if self._set_aside(chat, one)] for chat in self.chats}
        figures.set_aside += sum(len(titles) for titles in set_aside.values())
        figures.expected += sum(len(wanted) for wanted in expected.values())
        told = {chat: [*titles, *set_aside[chat]] for chat, titles in in_digest.items()}
        figures.missing += self.ledger.missing(expected, told)
        figures.named += sum(len(titles) for titles in in_digest.values())
        repeated, beyond = self.ledger.repeats()
        figures.repeated += repeated
        figures.beyond += beyond
        without = [chat for chat in self.chats if not any(text.startswith("Digest, ") for text in chat.texts)]
        figures.missing += [f"{chat.title}: no digest" for chat in without]
        for chat in self.chats:
            digests = {text for text in chat.texts if text.startswith("Digest, ")}
            headed = Counter(text.partition("\n")[0] for text in digests)
            figures.beyond += [f"{chat.title}: {count} different messages headed {head}" for head, count in headed.items() if count > 1]
        # An edit whose answer was lost is made again, and then changes nothing; Telegram says so.
        # A killed bot's question for updates is still open when the next one asks.
        usual = ("message is not modified", "terminated by other getUpdates request")
        figures.broken += [f"Telegram refused: {refusal}" for refusal in self.api.refusals if not any(said in refusal[2] for said in usual)]
        self.check_database()
        return figures

    def _answers(self, chat: Chat) -> list[str]:
        """What was asked in the chat, without as much as was answered by saying that it failed, and answers that may have come."""
        asked = self.asked.get(chat.title, [])
        got = {message for _, message in self.ledger.got[chat.title]}
        perhaps = self._perhaps(chat)
        open_ = [one for one in asked if one not in got and one not in perhaps]
        failed = min(len(open_), sum(text.startswith("Something went wrong with /story") for text in chat.texts))
        self.figures.answers_failed += failed + len(perhaps)
        return [one for one in asked if one in got] + open_[failed:]

    def _perhaps(self, chat: Chat) -> set[str]:
        """Answers that were sent as often as the promise says, none of which was confirmed."""
        store = Store.open(self.database, readonly=True)
        try:
            rows = store.conn.execute(
                "SELECT body FROM deliveries WHERE chat = ? AND kind = 'reply' AND state = 'uncertain' AND due_at > '9999'",
                [f"telegram:{chat.id}"],
            ).fetchall()
        finally:
            store.close()
        return {answer for row in rows if (answer := _answer(row[0]))}

    @staticmethod
    def _set_aside(chat: Chat, title: str) -> bool:
        """Whether a digest says of this news that its alert could not be sent."""
        return any(f"• {title} – tries" in text.partition("Could not be sent")[2] for text in chat.texts)

    @staticmethod
    def _given_up(chat: Chat, title: str) -> bool:
        """Whether a digest says of this news that it may not have arrived."""
        return any(f"• {title} –" in text.partition("May not have arrived")[2] for text in chat.texts)

    @staticmethod
    def _held_back(chat: Chat, title: str) -> bool:
        """Whether a digest brought this news in the alert's place, because a flood limit was longer than an alert is worth waiting for."""
        held = f"• {title} (Telegram's flood limit)"
        return any(line.startswith(held) for text in chat.texts for line in text.splitlines())


def identity(message: Seen) -> str:
    """What a message is: an alert is the headline that it came with, whatever stands below by now; anything else is all of its text."""
    text = message.versions[0] if message.versions else message.text
    if answer := _answer(text):
        return answer
    first = text.partition("\n")[0]
    return first if " factory in " in first and not first.startswith("Update") else text


def _answer(text: str) -> str:
    """Which question this text answers, "" for none."""
    found = re.search(r"There is no story (9\d{5})", text)
    return f"answer {found[1]}" if found else ""


@asynccontextmanager
async def open_world(folder: Path, killer: Killing) -> AsyncIterator[World]:
    """Servers, three chats and a configuration; nothing has lived yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bot").mkdir(exist_ok=True)
    async with AsyncExitStack() as stack:
        feeds = await stack.enter_async_context(feed_server())
        api = await stack.enter_async_context(BotApiServer(monotonic=None))
        chats = [api.private("An"), api.private("Binh"), api.group("Team")]
        (folder / "config.toml").write_text(
            '[seeds]\nfeeds = false\n[poll]\nallow_private_addresses = true\nfull_text = "never"\nper_host = 64\ntimeout = "5s"\n'
            f'[chat]\nkind = "telegram"\n[chat.telegram]\nbase_url = "{api.base_url}"\nallowed_chats = {[chat.id for chat in chats]}\n'
            "[alerts]\nmax_per_hour = 1000\n[digest]\nchart = false\n"
            + "".join(f'[[feeds]]\nurl = "{feeds.url(f"/feed{feed}")}"\nname = "Press {feed}"\n' for feed in range(FEEDS)),
            "utf-8",
        )
        world = World(folder, feeds, api, killer, chats)
        world.serve()
        yield world
