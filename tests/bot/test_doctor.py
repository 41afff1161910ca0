"""The doctor finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from pydantic import SecretStr

from bot import doctor
from bot.commands.pairing import pair_chat
from bot.config import Config
from bot.doctor import CheckResult
from bot.store import Store
from bot.store.feeds import sync_feeds
from bot.store.websub_subscriptions import add
from bot.wiring import open_telegram, open_watchers
from seeds.feeds import Feed
from tests.support.bot_api import BotApiServer
from tests.support.bot_app import config_of, packaged_seeds
from tests.support.feed_server import Answer, feed_server
from watchers.state.websub import Subscription

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
RSS = b"<rss version='2.0'><channel><title>A</title><item><title>One</title><guid>1</guid></item></channel></rss>"


def bad(findings: list[CheckResult]) -> list[str]:
    assert all(finding.todo for finding in findings if finding.level == "bad"), "each bad finding says what to do"
    return [finding.said for finding in findings if finding.level == "bad"]


def test_a_missing_database_is_no_fault_and_is_not_made(tmp_path: Path) -> None:
    findings = list(doctor.examine_database(tmp_path / "none.db", None, None))
    assert bad(findings) == []
    assert not (tmp_path / "none.db").exists()


def test_a_sound_database_is_said_to_be(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a.db")
    findings = list(doctor.examine_database(tmp_path / "a.db", store, "process 7 on box"))
    assert bad(findings) == []
    assert any("sound" in finding.said for finding in findings)
    assert any("process 7 on box" in finding.said for finding in findings)


def test_hits_that_lost_their_story_are_found(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a.db")
    store.conn.execute("PRAGMA foreign_keys = OFF")
    store.conn.execute("INSERT INTO items (id, feed, first_seen_at) VALUES (1, 'f', '2026-03-01T00:00:00Z')")
    hit = "1, 'r', 99, 0.5, 'alert', '[]', '2026-03-01T00:00:00Z'"
    store.conn.execute(f"INSERT INTO hits (item, rule, story, score, severity, why, created_at) VALUES ({hit})")
    assert any("story" in said for said in bad(list(doctor.examine_database(tmp_path / "a.db", store, None))))


def test_nobody_paired_is_a_fault_only_where_telegram_is_on() -> None:
    store = Store.open(":memory:")
    assert bad(list(doctor.examine_chats(store, config_of(), telegram=False))) == []
    assert bad(list(doctor.examine_chats(store, config_of(), telegram=True))) == ["no Telegram chat is paired"]


def test_a_watch_that_no_chat_may_change_is_told_with_what_to_do() -> None:
    store = Store.open(":memory:")
    pair_chat(store, "telegram:7", role="reader")
    notes = [finding for finding in doctor.examine_chats(store, config_of(), telegram=True) if finding.level == "note"]
    assert [finding.said for finding in notes] == ["no chat may change what is watched or invite others"]
    assert "seedwatch run" in notes[0].todo
    named = config_of(chat={"telegram": {"admins": [7]}})
    assert all(finding.level == "ok" for finding in doctor.examine_chats(store, named, telegram=True))
    pair_chat(store, "telegram:7", role="admin")
    assert all(finding.level == "ok" for finding in doctor.examine_chats(store, config_of(), telegram=True))


def feeds(count: int) -> list[Feed]:
    return [Feed(url=f"https://example.org/{number}") for number in range(count)]


def test_all_feeds_failing_at_once_is_one_line_about_the_network() -> None:
    store = Store.open(":memory:")
    sync_feeds(store, feeds(10), NOW)
    store.conn.execute("UPDATE feeds SET failures = 1, polls = 3, last_error = 'the name is not known'")
    found = bad(list(doctor.examine_health(store, NOW)))
    assert len(found) == 1
    assert "10 of 10" in found[0]


def test_a_parked_feed_has_a_line_of_its_own() -> None:
    store = Store.open(":memory:")
    sync_feeds(store, feeds(10), NOW)
    store.conn.execute("UPDATE feeds SET failures = 9, parked_at = '2026-02-01T00:00:00Z', last_error = '410' WHERE url LIKE '%/3'")
    found = bad(list(doctor.examine_health(store, NOW)))
    assert len(found) == 1
    assert "https://example.org/3" in found[0]


def test_a_rule_that_never_hit_in_a_month_is_named_but_not_in_the_first_days() -> None:
    store, seeds = Store.open(":memory:"), packaged_seeds()
    store.conn.execute("INSERT INTO items (feed, first_seen_at) VALUES ('f', '2026-01-01T00:00:00Z')")
    assert {finding.said.split()[0] for finding in doctor.examine_rules(store, seeds, NOW)} == set(seeds.rules)
    assert list(doctor.examine_rules(store, seeds, NOW - timedelta(days=50))) == []


def test_a_clock_before_what_was_seen_is_found() -> None:
    store = Store.open(":memory:")
    store.conn.execute("INSERT INTO items (feed, first_seen_at) VALUES ('f', '2026-03-02T12:00:00Z')")
    assert len(bad(list(doctor.examine_clock(store, NOW)))) == 1
    assert list(doctor.examine_clock(store, NOW + timedelta(hours=5))) == []


def watched_with_hub(count: int = 2) -> Store:
    store = Store.open(":memory:")
    sync_feeds(store, feeds(count), NOW)
    store.conn.execute("UPDATE feeds SET hub = 'https://hub.example/'")
    return store


def subscribe(store: Store, feed: int, **stands: object) -> None:
    one = Subscription("https://hub.example/", "t", f"https://bot.example/websub/{feed}", "s", NOW - timedelta(hours=2))
    add(store, f"token-{feed}", feed, replace(one, **stands))  # type: ignore[arg-type]


def test_hubs_are_a_note_until_a_public_address_is_set_and_nothing_where_no_feed_names_one() -> None:
    store = watched_with_hub()
    (found,) = doctor.examine_hubs(store, "", NOW)
    assert (found.level, found.said.startswith("2 feeds name a hub")) == ("note", True)
    assert "web.public_url" in found.todo
    store.conn.execute("UPDATE feeds SET hub = ''")
    assert list(doctor.examine_hubs(store, "", NOW)) == []


def test_what_stands_between_feeds_and_hubs_is_told() -> None:
    store = watched_with_hub(3)
    subscribe(store, 1, state="active", until=NOW + timedelta(days=1))
    subscribe(store, 2, state="denied", error="denied: full", next_at=NOW + timedelta(days=3))
    subscribe(store, 3, state="asked", tries=3)
    ok, unheard, denied = doctor.examine_hubs(store, "https://bot.example/", NOW)
    assert ok.said == "1 of 3 feeds that name a hub get their news from it, at https://bot.example/"
    assert (unheard.level, "never called back" in unheard.said) == ("note", True)
    assert "https://bot.example/websub/" in unheard.todo
    assert "denied: full" in denied.said
    assert "in 3 days" in denied.todo


def test_a_public_address_that_hubs_cannot_reach_and_hubs_that_never_call_back_are_bad() -> None:
    store = watched_with_hub(1)
    subscribe(store, 1, state="asked", tries=2)
    said = bad(list(doctor.examine_hubs(store, "http://localhost:8765", NOW)))
    assert len(said) == 2
    assert "localhost is not a public host" in said[0]
    assert "never called back" in said[1]


async def test_each_feed_is_asked_and_the_broken_one_named() -> None:
    async with feed_server() as server, open_watchers(config_of()) as watchers:
        good = Feed(url=server.play("/good", Answer(RSS, headers={"Date": format_datetime(NOW, usegmt=True)})), name="Good")
        gone = Feed(url=server.url("/gone"), name="Gone")
        seeds = replace(packaged_seeds(), feeds=(good, gone))
        findings = list(await doctor.examine_feeds(seeds, watchers, NOW))
        assert [said.split(":")[0] for said in bad(findings)] == ["Gone"]
        assert any("1 of 2" in finding.said for finding in findings)
        assert any(finding.what == "clock" and finding.level == "ok" for finding in findings)
        late = list(await doctor.examine_feeds(replace(seeds, feeds=(good,)), watchers, NOW + timedelta(hours=3)))
        assert bad(late) == ["this machine is 3 hours ahead of the servers"]


async def test_a_token_that_telegram_does_not_know_is_said_without_showing_it() -> None:
    async with BotApiServer() as server:
        config = Config.model_validate({"chat": {"telegram": {"base_url": server.base_url}}})
        known = list(await doctor.examine_token(open_telegram(config, SecretStr(server.token))))
        assert bad(known) == []
        wrong = "111111111:" + "q" * 35
        refused = bad(list(await doctor.examine_token(open_telegram(config, SecretStr(wrong)))))
        assert len(refused) == 1
        assert wrong not in refused[0]


async def test_telegram_out_of_reach_is_not_called_a_wrong_token() -> None:
    config = Config.model_validate({"chat": {"telegram": {"base_url": "http://127.0.0.1:9/bot"}}})
    found = bad(list(await doctor.examine_token(open_telegram(config, SecretStr("222222222:" + "w" * 35)))))
    assert found == ["Telegram could not be reached"]
