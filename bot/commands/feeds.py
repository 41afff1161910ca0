"""Answers /feeds: lists the state of the feeds, adds a feed by the address of its site, or removes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.commands.command import Command, ReplyMessage, Request, Response, join_lines, text
from bot.commands.feeds_dialogue import AddFeedResult, add_feed
from bot.commands.spelling import plain_key
from bot.commands.watch_dialogue import change_seeds
from bot.i18n.problems import problem_text
from bot.i18n.translate import Markup
from bot.sanitize import clean
from bot.store.conversations import open_dialogue
from bot.store.feeds import summarize_feeds
from bot.user_seeds.feeds import plan_removal
from seeds.feeds import address_identity
from watchers.models.problem import ProblemError

if TYPE_CHECKING:
    from bot.commands.context import DiscoveredFeed
    from bot.store import Store

MAX_FAILING_SHOWN = 15
FOUND = 6
_ADD, _REMOVE = {"add", "thêm", "them"}, {"remove", "xóa", "xoa", "delete"}


async def fetch(request: Request) -> Any:
    """Does the work that needs network and files. None: the list is requested."""
    verb, _, rest = request.words.partition(" ")
    rest = rest.strip()
    looks_like_site = "." in verb and not rest
    if not verb:
        return None
    if not request.admin:
        return request.say("only_admin")
    if verb.lower() in _ADD or looks_like_site:
        return await _find(request, verb if looks_like_site else rest)
    return await _remove(request, rest) if verb.lower() in _REMOVE else request.say("feeds_usage")


async def _find(request: Request, address: str) -> Any:
    if not address:
        return request.say("feeds_add_ask")
    if request.services.discover is None:
        return request.say("feeds_no_discovery")
    url = address if "://" in address else f"https://{address}"
    try:
        found = await request.services.discover(url)
    except ProblemError as error:
        return request.say("feeds_none_found", url=url[:200], why=problem_text(request.lang, error.problem)[:200])
    known = {address_identity(feed.url) for feed in request.seeds.feeds}
    new = [one for one in found if address_identity(one.url) not in known][:FOUND]
    if found and not new:
        return request.say("feeds_exists", url=found[0].url)
    if not new:
        return request.say("feeds_none_found", url=url[:200], why="-")
    return await add_feed(request, new[0]) if len(new) == 1 else (url, new)


async def _remove(request: Request, name: str) -> Markup:
    wanted = plain_key(name)
    feed = next((one for one in request.seeds.feeds if wanted and wanted in {plain_key(one.url), plain_key(one.title)}), None)
    if feed is None:
        near = [one for one in request.seeds.feeds if wanted and (wanted in plain_key(one.title) or wanted in plain_key(one.url))]
        feed = near[0] if len(near) == 1 else None
    if feed is None:
        return request.say("feeds_which", name=name[:80])
    if any(one.url == feed.url for one in request.config.feeds):
        return request.say("feeds_packaged", name=feed.title)
    problem = await change_seeds(request, lambda _: plan_removal(request.config, feed.url))
    return request.say("watch_not_kept", problem=problem) if problem is not None else request.say("feeds_removed", name=feed.title)


def write(store: Store, request: Request) -> Response:
    """Shows the list, a sentence, or a choice of feeds."""
    given = request.fetched
    if given is None:
        return _listed(store, request)
    if isinstance(given, tuple):
        url, found = given
        return _choice(store, request, url, found)
    return text(given.said if isinstance(given, AddFeedResult) else given)


def _choice(store: Store, request: Request, url: str, found: list[DiscoveredFeed]) -> Response:
    state = {"what": "feeds", "found": [{"url": feed.url, "title": feed.title, "items": feed.items, "lang": feed.lang} for feed in found]}
    dialogue = open_dialogue(store, request.chat, request.person, "feeds", state=state, now=request.now)
    rows = [request.say("feeds_found_line", title=feed.title or feed.url, items=feed.items) for feed in found]
    keys = tuple((request.named_key((clean(feed.title) or feed.url)[:40], "f", dialogue, at),) for at, feed in enumerate(found))
    said = join_lines(
        [request.say("feeds_found", url=url[:200]), *(Markup(f"• {row}") for row in rows), Markup(""), request.say("feeds_add_pick")]
    )
    return Response((ReplyMessage(said, (*keys, (request.key("button.cancel", "f", dialogue, "cancel"),))),))


def _listed(store: Store, request: Request) -> Response:
    feeds = summarize_feeds(store)
    ill = [feed for feed in feeds if feed.failures]
    never = sum(1 for feed in feeds if not feed.failures and feed.last_ok_at is None)
    head = request.say("feeds_head", count=len(feeds), well=len(feeds) - len(ill) - never, ill=len(ill), never=never)
    said = [
        request.say(
            "feeds_ill", name=feed.name or feed.url, error=problem_text(request.lang, feed.problem or feed.last_error or "?")[:150],
            failures=feed.failures,
        )
        for feed in ill[:MAX_FAILING_SHOWN]
    ]
    return text(head, *said, *([Markup(""), request.say("feeds_usage")] if request.admin else []))


COMMAND = Command(fetch=fetch, write=write)
