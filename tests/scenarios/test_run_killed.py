"""The bot is killed at every point where something was written or sent, and started again: nothing lost, nothing told twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.store import Store, iso
from bot.store.integrity import problems
from tests.support.feed_server import FeedServer, feed_server, rss
from tests.support.killing import Killing, Point, Run, killing

TITLES = ("Nvidia to build a data center in Hanoi with FPT", "Amkor expands its chip packaging plant in Bac Ninh, Vietnam")


def plant(server: FeedServer, folder: Path) -> Path:
    """Feeds with two hits and a dozen other items, and a configuration that polls them."""
    recent = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    urls = []
    for number, title in enumerate((*TITLES, "Nothing but weather")):
        others = [{"title": f"Weather report {number} {other}", "pubDate": recent} for other in range(4)]
        urls.append(server.play(f"/feed{number}", rss({"title": title, "pubDate": recent}, *others)))
    config = folder / "config.toml"
    config.write_text(
        '[poll]\nallow_private_addresses = true\nfull_text = "never"\n[chat]\nkind = "console"\n'
        + "".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls),
        "utf-8",
    )
    return config


class Lives:
    """One database through several lives, an hour apart."""

    def __init__(self, killer: Killing, folder: Path, config: Path) -> None:
        self._killer, self._folder, self._config = killer, folder, config
        self._hours = 0

    async def live(self, point: Point = "never", number: int = 0) -> int:
        now = datetime.now(UTC) + timedelta(hours=self._hours)
        self._hours += 1
        end = await self._killer.live(
            Run(str(self._config), str(self.database), str(self._folder / "screen"), iso(now), point=point, number=number)
        )
        assert end.code in {0, -9}, end.said
        return end.code

    @property
    def database(self) -> Path:
        return self._folder / "a.db"

    def shown(self, title: str) -> int:
        """How often a message began with this title."""
        return (self._folder / "screen").read_text("utf-8").count(f"{title}\n")

    def check(self) -> None:
        store = Store.open(self.database, readonly=True)
        try:
            assert problems(store) == []
            count = {table: store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("items", "stories")}
            assert count == {"items": 17, "stories": 2 + 2}
            assert store.conn.execute("SELECT count(*) FROM deliveries WHERE state != 'sent'").fetchone()[0] == 0
        finally:
            store.close()


async def killed_at(killer: Killing, server: FeedServer, folder: Path, point: Point, number: int) -> bool:
    """One death and the lives after it; False when the bot came to its end before the point."""
    folder.mkdir()
    lives = Lives(killer, folder, plant(server, folder))
    died = await lives.live(point, number) == -9
    for _ in range(2):
        assert await lives.live() == 0
    lives.check()
    for title in TITLES:
        assert 1 <= lives.shown(title) <= (2 if died else 1), f"{title} after death at {point} {number}"
    return died


@pytest.mark.parametrize("point", ["commit", "send", "answer"])
async def test_a_bot_that_is_killed_goes_on_where_it_was(tmp_path: Path, point: Point, request: pytest.FixtureRequest) -> None:
    step = 1 if request.config.getoption("--full") or point != "commit" else 4
    async with feed_server() as server, killing() as killer:
        number, died = 1, True
        while died:
            died = await killed_at(killer, server, tmp_path / str(number), point, number)
            number += step
        assert number > 2, "there was no such point: nothing was tried"


async def test_a_bot_that_dies_again_and_again_still_gets_there(tmp_path: Path) -> None:
    async with feed_server() as server, killing() as killer:
        lives = Lives(killer, tmp_path, plant(server, tmp_path))
        # A start makes four commits one after the other. What follows may share commits, the more the busier the machine, so that
        # only the first four are points that every life reaches.
        deaths = [await lives.live("commit", number) for number in (1, 2, 3, 4, 8, 1, 6, 4, 5, 3, 2)]
        assert deaths.count(-9) >= 8
        for _ in range(3):
            assert await lives.live() == 0
        lives.check()
