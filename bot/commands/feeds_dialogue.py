"""Handles the buttons that choose between the feeds of a site, and defines add_feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.commands.command import Command, Request, Response, text
from bot.commands.context import DiscoveredFeed
from bot.commands.watch_dialogue import change_seeds
from bot.i18n.translate import Markup, t_plain
from bot.sanitize import clean
from bot.store.conversations import close_dialogue, read_dialogue
from bot.user_seeds.feeds import FeedsError, plan_feeds
from bot.user_seeds.toml_files import Change
from seeds.languages import LANGUAGES, TIME_ZONES

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds


@dataclass(frozen=True)
class AddFeedResult:
    """The message after adding a feed, or the reason why it failed."""

    said: Markup


async def add_feed(request: Request, found: DiscoveredFeed) -> AddFeedResult:
    """Writes the feed to the seeds folder and reloads the seeds. The feed gets the time zone of its language."""
    name = clean(found.title)[:80] or (urlsplit(found.url).hostname or found.url)
    entry: dict[str, Any] = {"url": found.url, "name": name}
    if found.lang in LANGUAGES:
        entry["lang"] = found.lang
    if found.lang in TIME_ZONES:
        entry["timezone"] = TIME_ZONES[found.lang]
    folder, added = request.config.seeds_folder, []

    def plan(seeds: Seeds) -> Sequence[Change]:
        changes, planned = plan_feeds(request.config, seeds, [entry], {})
        added.extend(planned)
        return changes

    try:
        problem = await change_seeds(request, plan)
    except FeedsError as error:
        problem = str(error)
    if problem is not None:
        return AddFeedResult(request.say("watch_not_kept", problem=problem))
    if not added[0].new:
        return AddFeedResult(request.say("feeds_exists", url=found.url))
    return AddFeedResult(request.say("feeds_added", name=added[0].feed.title, file=f"{folder.name}/feeds.toml"))


async def fetch(request: Request) -> Any:
    """Adds the chosen feed. None if the conversation has ended."""
    dialogue = await request.services.thread.read(read_dialogue, request.chat, request.person, request.now)
    if dialogue is None or dialogue.kind != "feeds" or request.callback.number != dialogue.id:
        return None
    found = dialogue.state["found"]
    place = request.callback.choice_number
    if place is not None and place < len(found):
        return await add_feed(request, DiscoveredFeed(**found[place]))
    return AddFeedResult(request.say("cancelled"))


def write(store: Store, request: Request) -> Response:
    """Reports the result."""
    if request.fetched is None:
        return Response(toast=t_plain(request.lang, "dialogue_over"), alarm=True, keys=())
    close_dialogue(store, request.chat, request.person)
    return Response(text(request.fetched.said).replies, keys=())


KEYS = {"f": Command(fetch=fetch, write=write, admin=True)}
