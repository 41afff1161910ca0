"""The bot put together: what a start writes, seeds read anew, and what it does when a part cannot work."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App, Overrides, StartError
from bot.config import ConfigError
from bot.instance_lock import LockedError
from bot.message import Message, NotSent, Sent
from seeds.documents import load_documents
from seeds.load import load_seeds
from tests.support.bot_app import config_of, open_bot, packaged_matcher, packaged_seeds
from tests.support.feed_server import feed_server, rss


def item(title: str) -> dict[str, str]:
    return {"title": title, "pubDate": format_datetime(datetime.now(UTC) - timedelta(minutes=5))}


async def test_the_first_start_tells_the_bundled_documents_and_later_ones_do_not(tmp_path: Path) -> None:
    async with open_bot(tmp_path / "a.db", documents=load_documents) as bot:
        await bot.app.poll_once()
        assert bot.app.first_hits
        documents = load_documents()
        assert bot.count("items") == len(documents)
        for document in documents:
            assert bot.shown(f"{document.title}\n") == (0 if document.sponsored else 1), "what is paid for leads no alert"
    async with open_bot(tmp_path / "a.db", documents=load_documents) as bot:
        await bot.app.poll_once()
        assert bot.app.first_hits == ()
        assert bot.screen.getvalue() == ""


async def test_a_second_app_on_the_same_database_is_refused(tmp_path: Path) -> None:
    async with open_bot(tmp_path / "a.db") as bot:
        with pytest.raises(LockedError):
            async with open_bot(tmp_path / "a.db"):
                pass
        await bot.app.poll_once()
    async with open_bot(tmp_path / "a.db"):
        pass


async def test_seeds_that_change_while_it_runs_count_from_the_next_poll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    title = "Contoso Widgets opens an office in Reykjavik"
    folder = tmp_path / "seeds"
    folder.mkdir()
    async with feed_server() as server:
        first = server.play("/one", rss(item("Nothing of note happened in the city council today")))
        second = server.play("/two", rss(item(title)))
        config = config_of(seeds={"path": str(folder), "feeds": False})
        async with open_bot(tmp_path / "a.db", [first], config=config) as bot:
            await bot.app.poll_once()
            (folder / "entities.toml").write_text(
                '[[entities]]\nid = "contoso"\nname = "Contoso Widgets"\nkind = "company"\nwatched = true\n', "utf-8"
            )
            (folder / "rules.toml").write_text('[[rules]]\nid = "contoso"\nany = ["contoso"]\n', "utf-8")
            (folder / "feeds.toml").write_text(f'[[feeds]]\nurl = "{second}"\n', "utf-8")
            seeds = await bot.app.reload()
            assert "contoso" in seeds.rules
            await bot.app.poll_once()
            assert bot.shown(title) == 1
            assert server.count("/one") == 1

            (folder / "rules.toml").write_text('[[rules]]\nid = "contoso"\nany = ["nobody"]\n', "utf-8")
            with pytest.raises(ConfigError, match="nobody"):
                await bot.app.reload()
            assert bot.app.seeds is seeds, "a mistake changes nothing"


class Broken:
    """A service that can never work."""

    kind = "telegram"

    async def start(self) -> None:
        raise ValueError("the token 123456:" + "A" * 35 + " is not known")

    async def stop(self) -> None:
        pass

    async def send(self, message: Message) -> Sent | NotSent:
        raise AssertionError("never started")


async def test_a_service_that_cannot_work_ends_the_start_without_its_secret(tmp_path: Path) -> None:
    app = App(
        config_of(),
        tmp_path / "a.db",
        SecretStr("x"),
        Overrides(seeds=packaged_seeds(), matcher=packaged_matcher(), services={"telegram": Broken()}),
    )
    with pytest.raises(StartError, match="telegram: the token") as caught:
        async with app:
            pass
    assert "AAAA" not in str(caught.value)
    async with open_bot(tmp_path / "a.db"):
        pass


async def test_running_polls_by_itself_and_stops_when_told(tmp_path: Path) -> None:
    title = "Nvidia to build a data center in Hanoi with FPT"
    async with feed_server() as server:
        url = server.play("/feed", rss(item(title)))
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            stop = asyncio.Event()
            running = asyncio.create_task(bot.app.run(stop))
            async with asyncio.timeout(10):
                while not bot.shown(title):
                    await asyncio.sleep(0.01)
            stop.set()
            await asyncio.wait_for(running, 5)
            assert bot.count("deliveries WHERE state = 'sent'") == 1


def test_the_packaged_seeds_can_be_put_together() -> None:
    assert load_seeds().feeds
