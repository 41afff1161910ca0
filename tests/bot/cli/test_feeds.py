"""`seedwatch feeds`, driven as a person does, against sites on loopback that run in a thread of their own."""

from __future__ import annotations

import asyncio
import json
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from bot.cli.feeds import app
from bot.export.opml import OpmlError, read_opml, write_opml
from bot.store import Store
from bot.store.feeds import known_feeds, save_state, sync_feeds
from bot.user_seeds import toml_files
from seeds.feeds import Feed
from seeds.load import load_seeds
from tests.support.feed_server import Answer, FeedServer, rss
from watchers.models.polling import FeedState

SITE = """<html><head><title>Dock News</title>
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/rss+xml" title="All" href="/all.xml"></head><body><a href="/tech.rss">RSS</a></body></html>"""


@pytest.fixture
def site() -> Iterator[FeedServer]:
    server = FeedServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text("[poll]\nallow_private_addresses = true\n[seeds]\nfeeds = false\n", "utf-8")
    return tmp_path


def run(home: Path, *args: str) -> Result:
    command, *rest = args
    return CliRunner().invoke(app, [command, "--config", str(home / "config.toml"), *rest])


def own(home: Path) -> list[dict[str, object]]:
    path = home / "seeds" / "feeds.toml"
    return list(tomllib.loads(path.read_text("utf-8")).get("feeds", [])) if path.exists() else []


def test_adding_a_site_adds_the_feed_behind_it(site: FeedServer, home: Path) -> None:
    site.play("/", Answer(SITE.encode(), headers={"Content-Type": "text/html"}))
    site.play("/all.xml", rss("The first dock opens to the public", title="Dock News, all"))
    site.play("/comments/feed", rss("A comment on the dock", title="Comments"))
    site.play("/tech.rss", rss("The crane of the year", title="Dock tech"))
    result = run(home, "add", site.url("/"), "--timezone", "Asia/Ho_Chi_Minh")
    assert result.exit_code == 0, result.output
    assert own(home) == [{"url": site.url("/all.xml"), "name": "Dock News, all", "lang": "en", "timezone": "Asia/Ho_Chi_Minh"}]
    assert f"also there: {site.url('/comments/feed')}" in result.stderr
    listed = run(home, "list", "--json")
    assert [json.loads(line)["url"] for line in listed.stdout.splitlines()] == [site.url("/all.xml")]


def test_a_site_that_names_no_feed_is_tried_at_the_usual_places(site: FeedServer, home: Path) -> None:
    site.play("/", Answer(b"<html><body>Nothing here</body></html>", headers={"Content-Type": "text/html"}))
    site.play("/rss.xml", rss("Found at the usual place"))
    assert run(home, "add", site.url("/")).exit_code == 0
    assert own(home)[0]["url"] == site.url("/rss.xml")


def test_a_site_without_a_feed_is_not_added_and_says_why(site: FeedServer, home: Path) -> None:
    site.play("/", Answer(b"<html><body>Nothing here</body></html>", headers={"Content-Type": "text/html"}))
    result = run(home, "add", site.url("/"))
    assert result.exit_code == 1
    assert "no feed is named there" in result.stderr
    assert own(home) == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/", "http://user@127.0.0.1/feed", "http://localhost/"])
def test_addresses_that_must_not_be_asked_are_refused(home: Path, address: str) -> None:
    (home / "config.toml").write_text("[seeds]\nfeeds = false\n", "utf-8")
    result = run(home, "add", address)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert own(home) == []


def test_a_page_is_added_with_its_selector_once_it_was_looked_at(site: FeedServer, home: Path) -> None:
    site.play("/press", Answer(b'<html><body><h2><a href="/1">A release</a></h2></body></html>', headers={"Content-Type": "text/html"}))
    assert run(home, "add", site.url("/press"), "--kind", "page", "--select", "h3 a").exit_code == 1
    assert run(home, "add", site.url("/press"), "--kind", "page").exit_code == 2
    assert run(home, "add", site.url("/press"), "--kind", "page", "--select", "h2 a").exit_code == 0
    assert own(home) == [{"url": site.url("/press"), "kind": "page", "select": "h2 a"}]


def test_an_entry_that_does_not_fit_is_taken_back(site: FeedServer, home: Path) -> None:
    site.play("/feed", rss("A feed that is fine"))
    result = run(home, "add", site.url("/feed"), "--rule", "no-such-rule")
    assert result.exit_code == 2
    assert "no-such-rule" in result.stderr
    assert own(home) == []


def test_adding_what_is_there_already_leaves_its_entry(site: FeedServer, home: Path) -> None:
    site.play("/feed", rss("A feed that is fine", title="What it calls itself"))
    first = ("--name", "Quay 1808", "--timezone", "Asia/Ho_Chi_Minh", "--topic", "ports", "--rule", "deals")
    assert run(home, "add", site.url("/feed"), *first).exit_code == 0
    before = own(home)
    asked = len(site.asked)
    for address in (site.url("/feed"), site.url("/feed/"), site.url("/feed#top")):
        result = run(home, "add", address)
        assert result.exit_code == 0
        assert f"there already, left as it is: Quay 1808 ({site.url('/feed')})" in result.stdout
    assert own(home) == before
    assert len(site.asked) == asked, "what is known is not looked for"


def test_options_for_what_is_there_already_change_just_those(site: FeedServer, home: Path) -> None:
    site.play("/feed", rss("A feed that is fine", title="What it calls itself"))
    run(home, "add", site.url("/feed"), "--name", "Quay 1808", "--timezone", "Asia/Ho_Chi_Minh", "--topic", "ports")
    before = own(home)[0]
    result = run(home, "add", site.url("/feed"), "--topic", "harbours", "--name", "Quay 1808")
    assert result.stdout == f"changed Quay 1808 ({site.url('/feed')}): topic\n"
    assert own(home) == [before | {"topic": "harbours"}]


def test_a_site_whose_feed_is_there_already_leaves_its_entry(site: FeedServer, home: Path) -> None:
    site.play("/", Answer(SITE.encode(), headers={"Content-Type": "text/html"}))
    site.play("/all.xml", rss("The first dock opens to the public", title="Dock News, all"))
    run(home, "add", site.url("/all.xml"), "--name", "Mine")
    result = run(home, "add", site.url("/"), "--timezone", "Asia/Ho_Chi_Minh")
    assert "changed Mine" in result.stdout
    assert [(one["name"], one["timezone"]) for one in own(home)] == [("Mine", "Asia/Ho_Chi_Minh")]


def test_a_packaged_feed_is_changed_by_an_entry_that_keeps_the_rest(home: Path) -> None:
    (home / "config.toml").write_text("", "utf-8")
    packaged = next(feed for feed in load_seeds().feeds if feed.kind == "feed" and feed.lang == "vi")
    assert "there already" in run(home, "add", packaged.url).stdout
    assert own(home) == []
    assert run(home, "add", packaged.url, "--topic", "harbours").exit_code == 0
    assert Feed.model_validate(own(home)[0]) == packaged.model_copy(update={"topic": "harbours"})


def test_a_feed_of_the_configuration_is_changed_there(home: Path) -> None:
    url = "https://dock.example/feed"
    (home / "config.toml").write_text(f'[seeds]\nfeeds = false\n[[feeds]]\nurl = "{url}"\n', "utf-8")
    assert run(home, "add", url).exit_code == 0
    result = run(home, "add", url, "--name", "Dock")
    assert (result.exit_code, own(home)) == (2, [])
    assert "config.toml" in result.stderr


def test_a_list_of_many_feeds_is_written_once(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    replace = toml_files._replace

    def counted(path: Path, content: bytes) -> None:
        written.append(path)
        replace(path, content)

    monkeypatch.setattr(toml_files, "_replace", counted)
    outlines = "".join(f'<outline text="Dock {number}" xmlUrl="https://dock-{number}.example/feed"/>' for number in range(652))
    opml = tmp_path / "many.opml"
    opml.write_text(f'<?xml version="1.0"?><opml version="1.0"><body>{outlines}</body></opml>', "utf-8")
    assert "652 added, 0 there already" in run(home, "import", str(opml)).stdout
    assert written == [home / "seeds" / "feeds.toml"]
    assert len(own(home)) == 652
    assert "0 added, 652 there already" in run(home, "import", str(opml)).stdout
    assert len(written) == 1


def test_removing_takes_an_own_feed_out_and_turns_a_packaged_one_off(site: FeedServer, home: Path) -> None:
    site.play("/feed", rss("A feed to be removed", title="Short-lived"))
    run(home, "add", site.url("/feed"))
    assert run(home, "remove", "short-lived").exit_code == 0
    assert own(home) == []
    (home / "config.toml").write_text("", "utf-8")
    packaged = json.loads(run(home, "list", "--json").stdout.splitlines()[0])
    assert run(home, "remove", packaged["url"]).exit_code == 0
    assert own(home) == [{"url": packaged["url"], "off": True}]
    assert packaged["url"] not in run(home, "list", "--json").stdout
    assert run(home, "remove", packaged["url"]).exit_code == 2


def test_check_looks_now_and_fails_when_a_feed_does(site: FeedServer, home: Path) -> None:
    site.play("/feed", rss("A feed that is fine", title="Fine"))
    run(home, "add", site.url("/feed"))
    assert run(home, "check").exit_code == 0
    site.play("/feed", Answer(status=404))
    result = run(home, "check", "--json", "Fine")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "client: 404 Not Found"
    assert run(home, "check", "Nobody").exit_code == 2


def test_the_list_shows_health_from_the_database(site: FeedServer, home: Path) -> None:
    site.play("/feed", rss("A feed that fell silent", title="Silent"))
    run(home, "add", site.url("/feed"))
    now = datetime.now(UTC)
    store = Store.open(home / "seedwatch.db")
    sync_feeds(store, [Feed(url=site.url("/feed"))], now)
    known = known_feeds(store)[0]
    state = msgspec.structs.replace(
        FeedState(polls=9, hub="https://hub.example/"), gaps=(3_600.0,) * 9, lags=(60.0, 120.0), last_new_at=now - timedelta(days=9)
    )
    save_state(store, known.id, state, now=now)
    store.close()
    row = json.loads(run(home, "list", "--json", "--trouble").stdout)
    assert (row["condition"], row["delay_median"], row["hub"]) == ("silent", 120.0, "https://hub.example/")
    assert "nothing new for 9 days" in run(home, "list").stdout.replace("\n", " ")


def test_opml_goes_in_and_out(home: Path, tmp_path: Path) -> None:
    opml = tmp_path / "list.opml"
    opml.write_text(
        '<?xml version="1.0"?><opml version="1.0"><body><outline text="Docks"><outline text="Dock &amp; quay" xmlUrl="https://dock.example/feed?a=1&b=2"/>'
        '<outline text="Private" xmlUrl="file:///etc/passwd"/><outline text="Twice" xmlUrl="https://dock.example/feed?a=1&b=2"/></outline></body></opml>',
        "utf-8",
    )
    result = run(home, "import", str(opml))
    assert result.exit_code == 0, result.output
    assert "2 feeds in the file: 1 added, 0 there already, 1 left out" in result.stdout
    assert own(home) == [{"url": "https://dock.example/feed?a=1&b=2", "name": "Dock & quay", "topic": "Docks"}]
    assert "0 added, 1 there already" in run(home, "import", str(opml)).stdout
    assert run(home, "export", "--to", str(tmp_path / "out.opml")).exit_code == 0
    assert [(outline.url, outline.title, outline.folder) for outline in read_opml((tmp_path / "out.opml").read_bytes())] == [
        ("https://dock.example/feed?a=1&b=2", "Dock & quay", "Docks")
    ]


def test_what_is_no_opml_is_refused(home: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.opml"
    wrong.write_bytes(b"<rss/>")
    assert run(home, "import", str(wrong)).exit_code == 1
    with pytest.raises(OpmlError):
        read_opml(b"")
    assert read_opml(write_opml([])) == []


@pytest.mark.shared
def test_real_feed_lists_are_read(shared: Path) -> None:
    for path in sorted((shared / "data" / "opml").glob("*.opml")):
        assert len(read_opml(path.read_bytes())) > 5, path.name


def test_a_list_that_is_piped_has_one_row_a_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    address = f"https://news.example/{'a-long-folder/' * 20}feed.xml"
    (home / "seeds").mkdir(exist_ok=True)
    (home / "seeds" / "feeds.toml").write_text(f'[[feeds]]\nurl = "{address}"\n[[feeds]]\nurl = "https://b.example/"\nname = "B [/x]"\n')
    lines = run(home, "list").stdout.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(address)
    assert lines[2].startswith("B [/x]")
