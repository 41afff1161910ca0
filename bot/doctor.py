"""Defines the checks of `seedwatch doctor`: configuration, seeds, database, token, chats, feeds and clock. Each gives CheckResults with
advice. It changes nothing; `bot.cli.doctor` shows the results.

    configuration ─► seeds ─► database ─► chats ─► feeds ─► clock
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from bot.commands.pairing import has_admin
from bot.store.chats import default_settings, read_chats
from bot.store.deliveries import count_by_state
from bot.store.feeds import known_feeds
from bot.store.hits import count_hits, rules_with_hits
from bot.store.integrity import problems
from bot.store.items import count_items, first_seen_range
from bot.store.store import iso
from bot.store.stories import count_stories
from bot.store.websub_subscriptions import SubscriptionRow, feeds_with_hub, read_kept
from watchers.extras import install_hint, missing_modules
from watchers.http.address_rules import AddressRefusedError, check_url
from watchers.models.polling import FeedState
from watchers.state.feed_health import health, in_words, is_alarming

if TYPE_CHECKING:
    from bot.config import Config
    from bot.store import Store
    from seeds.load import Seeds
    from watchers.models.polling import Watcher

LITTLE_SPACE = 500_000_000
"""Bytes of free disk space below which the doctor warns: the write-ahead log and merges of the search index need space."""
CLOCK_OFF = timedelta(minutes=2)
"""Maximum difference between our clock and the servers' clocks. With a larger one, new items look old or dated in the future."""
NO_NETWORK = 0.8
"""If more than this share of feeds fails at once, assume our own network is down."""
SILENT_RULE = timedelta(days=30)
"""A rule without a hit for this time, although items arrived, may be wrong."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. `level`: "ok", "note" (worth knowing) or "bad" (needs action); `todo` is the advice."""

    level: Literal["ok", "note", "bad"]
    what: str
    said: str
    todo: str = ""


class TokenCheck(Protocol):
    """The methods of a chat service that check a token."""

    username: str

    async def start(self) -> None:
        """Raises if the service rejects the token."""

    async def stop(self) -> None:
        """Closes its connections."""


def examine_configuration(config: Config) -> Iterable[CheckResult]:
    """Checks the configuration file, and whether a token is expected."""
    yield CheckResult("ok", "configuration", str(config.file) if config.file else "no config.toml: the defaults")
    if config.poll.allow_private_addresses:
        yield CheckResult(
            "note",
            "configuration",
            "poll.allow_private_addresses is on: feeds may point into this network",
            "turn it off unless feeds live here",
        )


def examine_seeds(seeds: Seeds, warnings: Iterable[str]) -> Iterable[CheckResult]:
    """Counts the watched entities and reports ambiguous names."""
    watched = [entity.name for entity in seeds.entities.values() if entity.watched]
    yield CheckResult(
        "ok",
        "seeds",
        f"{len(seeds.entities)} entities ({', '.join(watched[:6])} watched), {len(seeds.rules)} rules, {len(seeds.feeds)} feeds",
    )
    for warning in warnings:
        yield CheckResult("note", "seeds", warning, "see `seedwatch seeds check`")


def examine_database(path: Path, store: Store | None, holder: str | None) -> Iterable[CheckResult]:
    """Checks the database file, its integrity, the free disk space and the running instance. `store` is None if there is no file yet."""
    if store is None:
        yield CheckResult("note", "database", f"{path} does not exist yet", "`seedwatch run` or `seedwatch poll` makes it")
    else:
        wrong = problems(store)
        size = path.stat().st_size / 1e6
        if wrong:
            for one in wrong:
                todo = f"stop the bot, then `seedwatch rescue {path}` saves what can be read into a new file"
                yield CheckResult("bad", "database", f"{path}: {one}", todo)
        else:
            counts = f"{count_items(store):,} items, {count_hits(store):,} hits, {count_stories(store):,} stories"
            yield CheckResult("ok", "database", f"{path}: sound, {size:,.1f} MB, {counts}")
    folder = path.parent if path.parent.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        yield CheckResult(
            "bad", "database", f"only {free / 1e6:,.0f} MB free on the disk of {folder}", "make room, or shorten store.keep_items"
        )
    yield CheckResult("ok", "bot", f"running ({holder})" if holder else "not running on this database")


async def examine_token(service: TokenCheck | None) -> Iterable[CheckResult]:
    """Checks whether the chat service accepts the token. `service` is None if no token is set."""
    if service is None:
        return [
            CheckResult(
                "note", "token", "none is set: messages go to the terminal", "set TELEGRAM_BOT_TOKEN (the README tells where to get one)"
            )
        ]
    try:
        await service.start()
    except Exception as error:  # any exception of the service's library is the result
        return [CheckResult("bad", "token", str(error), "copy the token again from @BotFather")]
    finally:
        await service.stop()
    if not service.username:
        return [CheckResult("bad", "token", "Telegram could not be reached", "check the network, and chat.telegram.base_url")]
    return [CheckResult("ok", "token", f"Telegram knows the bot as @{service.username}")]


def examine_chats(store: Store, config: Config, *, telegram: bool) -> Iterable[CheckResult]:
    """Checks the chats: unreachable ones, whether there is an admin, and waiting messages."""
    chats = read_chats(store, default_settings(config), state=None)
    if telegram and not any(chat.id.startswith("telegram:") for chat in chats if chat.state == "active"):
        yield CheckResult("bad", "chats", "no Telegram chat is paired", "send the bot /start with the code that `seedwatch run` prints")
    elif telegram and not has_admin(store, default_settings(config), config):
        yield CheckResult(
            "note", "chats", "no chat may change what is watched or invite others",
            "start `seedwatch run` anew and send the bot /start with the code that it prints",
        )  # fmt: skip
    for chat in chats:
        if chat.state == "active":
            yield CheckResult("ok", "chats", f"{chat.id} {chat.title}".strip())
        else:
            yield CheckResult(
                "note", "chats", f"{chat.id} {chat.title}: cannot be reached any more", "let the bot in again, and send it /start"
            )
    states = count_by_state(store)
    if states.get("refused"):
        yield CheckResult(
            "note", "deliveries", f"{states['refused']} refused for good", "the column `error` of the table deliveries says why"
        )
    if states.get("uncertain"):
        yield CheckResult("note", "deliveries", f"{states['uncertain']} without an answer, to be sent again")


def examine_other_chats(config: Config, env: Mapping[str, str]) -> Iterable[CheckResult]:
    """Checks the services of [[chat.also]]: whether their addresses are set and Apprise is installed."""
    names = [section.url_env for section in config.chat.also]
    if names and missing_modules(("apprise",)):
        said = f"[[chat.also]] names {', '.join(names)}, but Apprise, which sends to them, is not installed"
        yield CheckResult("bad", "chats", said, install_hint("notify"))
        return
    for name in names:
        if env.get(name, "").strip():
            yield CheckResult("ok", "chats", f"also:{name}")
        else:
            said = f"[[chat.also]] names {name}, an environment variable that is not set here"
            yield CheckResult("bad", "chats", said, f"set {name} to the service's Apprise address where the bot runs, or take it out")


def examine_health(store: Store, now: datetime) -> Iterable[CheckResult]:
    """Checks the stored state of the feeds, without requests: one line per feed that needs attention, one for all others that failed."""
    feeds = known_feeds(store)
    passing = []
    for known in feeds:
        found = health(known.state, now)
        if is_alarming(found, known.state, now):
            silent = found.condition == "silent"
            todo = "see whether the site moved its feed" if silent else "`seedwatch feeds check` asks it now; mend or remove it"
            yield CheckResult("note" if silent else "bad", "feeds", f"{known.url}: {found.says}", todo)
        elif found.condition == "failing":
            passing.append(f"{known.url} ({known.state.last_error})")
    if len(passing) > NO_NETWORK * len(feeds):
        yield CheckResult(
            "bad", "feeds", f"{len(passing)} of {len(feeds)} failed when last asked, such as {passing[0]}", "is there a network?"
        )
    elif passing:
        yield CheckResult(
            "note",
            "feeds",
            f"{len(passing)} of {len(feeds)} failed when last asked, such as {passing[0]}",
            "`seedwatch feeds list` shows all",
        )


def examine_hubs(store: Store, public_url: str, now: datetime) -> Iterable[CheckResult]:
    """Checks whether the hubs of feeds push items (WebSub), and if not, why."""
    named = {hub.feed for hub in feeds_with_hub(store)}
    if not public_url:
        if named:
            said = f"{_feeds(len(named))} a hub that would bring news when it is published; without web.public_url they are polled alone"
            yield CheckResult("note", "hubs", said, "set web.public_url if this machine can be reached (docs/feeds.md, WebSub)")
        return
    if (wrong := _unreachable(public_url)) and named:
        yield CheckResult(
            "bad", "hubs", f"web.public_url: hubs cannot reach {public_url}: {wrong}", "give the address that the outside knows"
        )
    kept = [
        subscription for subscription in read_kept(store) if subscription.subscription.state != "leaving" and subscription.feed in named
    ]
    brought = [subscription for subscription in kept if subscription.subscription.is_active(now)]
    yield CheckResult("ok", "hubs", f"{len(brought)} of {len(named)} feeds that name a hub get their news from it, at {public_url}")
    unheard = [
        subscription
        for subscription in kept
        if subscription.subscription.state == "asked" and subscription.subscription.tries > 1 and not subscription.subscription.error
    ]
    if unheard:
        level: Literal["note", "bad"] = "note" if brought else "bad"
        said = f"{len(unheard)} hubs were asked and never called back, such as {unheard[0].subscription.hub} for {unheard[0].url}"
        yield CheckResult(level, "hubs", said, f"see whether {public_url.rstrip('/')}/websub/ answers 404 from outside while the bot runs")
    for subscription in kept:
        if subscription.subscription.error and subscription not in brought:
            yield CheckResult(
                "note",
                "hubs",
                f"{subscription.url}: {subscription.subscription.hub} says {subscription.subscription.error}",
                _then(subscription, now),
            )


def _feeds(count: int) -> str:
    return f"{count} feeds name" if count != 1 else "1 feed names"


def _unreachable(public_url: str) -> str:
    try:
        check_url(public_url)
    except AddressRefusedError as error:
        return str(error)
    return ""


def _then(subscription: SubscriptionRow, now: datetime) -> str:
    again = subscription.subscription.next_at
    return f"it is asked again in {in_words(again - now)}, the feed is polled" if again and again > now else "the feed is polled"


async def examine_feeds(seeds: Seeds, watchers: Mapping[str, Watcher], now: datetime) -> Iterable[CheckResult]:
    """Polls each feed once, in parallel, and compares the servers' clocks with ours."""

    async def look(index: int) -> tuple[CheckResult | None, timedelta | None]:
        feed = seeds.feeds[index]
        seen = await watchers[feed.kind].poll(feed, FeedState(), now)
        if seen.error is not None:
            return CheckResult("bad", "feeds", f"{feed.title}: {seen.error.problem}", f"open {feed.url} in a browser"), None
        empty = None if seen.items else CheckResult("note", "feeds", f"{feed.title}: holds no item")
        return empty, _clock_difference(seen.date_header, now)

    looked = await asyncio.gather(*(look(index) for index in range(len(seeds.feeds))))
    findings = [finding for finding, _ in looked if finding is not None]
    bad = sum(finding.level == "bad" for finding in findings)
    findings.append(CheckResult("ok", "feeds", f"{len(seeds.feeds) - bad} of {len(seeds.feeds)} answered with a feed"))
    offs = sorted(off for _, off in looked if off is not None)
    if offs:
        middle = offs[len(offs) // 2]  # the median: single servers are off by hours
        if abs(middle) > CLOCK_OFF:
            way = "behind" if middle > timedelta() else "ahead of"
            findings.append(
                CheckResult("bad", "clock", f"this machine is {in_words(abs(middle))} {way} the servers", "set the clock, or switch NTP on")
            )
        else:
            findings.append(CheckResult("ok", "clock", "agrees with the servers that answered"))
    return findings


def _clock_difference(header: str, now: datetime) -> timedelta | None:
    """Returns how far the server's clock is ahead of `now`; None if it sent no date."""
    try:
        said = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (said if said.tzinfo else said.replace(tzinfo=UTC)) - now


def examine_clock(store: Store, now: datetime) -> Iterable[CheckResult]:
    """Checks whether the clock is behind times that are stored already."""
    seen = first_seen_range(store)
    if seen and seen[1] - now > CLOCK_OFF:
        yield CheckResult(
            "bad", "clock", f"it is {now:%Y-%m-%d %H:%M} UTC here, but items were seen at {iso(seen[1])}", "set the clock, or switch NTP on"
        )


def examine_rules(store: Store, seeds: Seeds, now: datetime) -> Iterable[CheckResult]:
    """Reports rules without a hit although items arrived for a month."""
    seen = first_seen_range(store)
    if seen is None or now - seen[0] < SILENT_RULE:
        return
    hit = rules_with_hits(store)
    for rule in seeds.rules:
        if rule not in hit:
            yield CheckResult(
                "note",
                "rules",
                f"{rule} has not hit once in {(now - seen[0]).days} days",
                "`seedwatch match --all` says why",
            )
