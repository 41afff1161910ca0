"""The content of a digest is decided from values alone."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.digest import select as module
from bot.digest.model import Digest
from bot.digest.select import HEADLINES_PER_RULE, STORIES_PER_RULE, DigestInputs, rank, select
from bot.store.chats import Chat, ChatSettings
from bot.store.digests import HeldDelivery, PreviousDigest, UnarrivedDelivery
from bot.stories.view import EventView, RuleHit, StorySource, StoryView
from seeds.events import Behaviour
from watchers.stories.developments import Development

NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def chat(**settings: Any) -> Chat:
    return Chat("telegram:1", "telegram", "", "active", {}, ChatSettings(**settings))


def hit(rule: str = "deals", *, score: float = 0.5, severity: str = "alert", **values: Any) -> RuleHit:
    return RuleHit(1, rule, rule.capitalize(), score, severity, (), 1, **values)


def event(item: int = 1, *, kind: str = "investment", status: str = "done", deed: bool = True) -> EventView:
    return EventView(kind, {}, status=status, item_id=item, behaviour=Behaviour(deed=deed, market=not deed))


def story(number: int = 1, *hits: RuleHit, items: int = 1, at: datetime = NOW - HOUR, **values: Any) -> StoryView:
    """A story of so many items, each of another publisher."""
    sources = tuple(
        StorySource(item, f"Paper {item}", f"https://{item}.example", f"Title {item}", at + item * HOUR) for item in range(1, items + 1)
    )
    names = tuple(source.name for source in sources)
    return StoryView(number, f"Story {number}", at, at, sources, reasons=hits or (hit(),), publishers=names, **values)


def digest_of(*stories: StoryView, settings: dict[str, Any] | None = None, **inputs: Any) -> Digest:
    return select(DigestInputs(chat(**(settings or {})), date(2026, 3, 3), stories, **inputs), NOW)


def shown(digest: Digest) -> dict[str, list[int]]:
    return {section.rule: [entry.story.id for entry in section.stories] for section in digest.sections}


def test_the_module_uses_no_database_and_no_clock() -> None:
    names = {node.id for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Name)}
    assert not names & {"Store", "store", "sqlite3", "read_story", "SystemClock"}


def test_no_stories_make_an_empty_digest() -> None:
    assert digest_of().empty


def test_stories_are_grouped_by_the_first_rule_that_the_chat_wants() -> None:
    both = story(1, hit("deals"), hit("nvidia"))
    assert shown(digest_of(both)) == {"deals": [1]}
    assert shown(digest_of(both, settings={"rules": ("nvidia",)})) == {"nvidia": [1]}
    assert shown(digest_of(both, settings={"rules": ("fpt",)})) == {}


def test_rules_that_alert_come_first() -> None:
    quiet, loud = story(1, hit("nvidia", score=0.9, severity="digest")), story(2, hit("deals", score=0.2))
    assert list(shown(digest_of(quiet, loud))) == ["deals", "nvidia"]


def test_muted_stories_and_entities_are_left_out() -> None:
    assert digest_of(story(7), settings={"muted_stories": frozenset({7})}).empty
    muted = story(1, hit(entities=frozenset({"fpt"})))
    assert digest_of(muted, settings={"muted_entities": frozenset({"fpt"})}).empty
    assert not digest_of(muted, settings={"muted_entities": frozenset({"nvidia"})}).empty


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (story(2, hit(score=0.6)), story(1, hit(score=0.5))),
        (story(2, items=2), story(1, items=1)),
        (story(2, events=(event(),)), story(1, events=(event(deed=False),))),
        (story(2), story(1, at=NOW - 30 * HOUR)),
        (story(2), story(1, hit(score=1.0), sponsored=True)),
        (story(1), story(2)),
    ],
    ids=["score", "publishers", "event", "age", "sponsored", "id"],
)
def test_the_better_story_comes_first(better: StoryView, worse: StoryView) -> None:
    assert shown(digest_of(worse, better)) == {"deals": [better.id, worse.id]}


def test_age_costs_at_most_five_days() -> None:
    old, older = story(1, at=NOW - 200 * HOUR), story(1, at=NOW - 900 * HOUR)
    assert rank(old, NOW) == rank(older, NOW)
    assert rank(story(1, at=NOW + 5 * HOUR), NOW) == rank(story(1, at=NOW), NOW)


def test_many_stories_of_a_rule_are_headlines_then_a_count() -> None:
    count = STORIES_PER_RULE + HEADLINES_PER_RULE + 4
    digest = digest_of(*(story(number) for number in range(1, count + 1)))
    section = digest.sections[0]
    assert (len(section.stories), len(section.headlines), section.left_out) == (STORIES_PER_RULE, HEADLINES_PER_RULE, 4)
    assert digest.stories == count


def test_a_held_story_is_always_shown_in_full() -> None:
    weak = story(99, hit(score=0.1))
    others = [story(number) for number in range(1, STORIES_PER_RULE + 2)]
    digest = digest_of(*others, weak, held=[HeldDelivery(5, 99, "quiet"), HeldDelivery(6, None, "cap")])
    assert [(entry.story.id, entry.held) for entry in digest.sections[0].stories if entry.held] == [(99, "quiet")]
    assert len(digest.sections[0].headlines) == 1
    assert digest.held_ids == (5, 6)


def test_a_story_of_an_earlier_digest_without_a_development_is_repeated_with_its_later_items() -> None:
    digest = digest_of(story(1, items=3), previous={1: PreviousDigest(frozenset({1}), frozenset({"deals"}))})
    assert digest.sections == ()
    assert [[source.item_id for source in repeated.since] for repeated in digest.repeated] == [[3, 2]]
    assert not digest.empty


def test_a_development_shows_the_story_again_with_its_event_first() -> None:
    events = (event(1, status="planned"), event(2))
    known = PreviousDigest(frozenset({1}), frozenset({"deals"}))
    digest = digest_of(story(1, items=2, events=events), previous={1: known})
    entry = digest.sections[0].stories[0]
    assert entry.developments == (Development("investment", "confirmed"),)
    assert [view.item_id for view in entry.story.events] == [2, 1]


def test_a_held_story_of_an_earlier_digest_is_shown_again() -> None:
    known = PreviousDigest(frozenset({1}), frozenset({"deals"}))
    digest = digest_of(story(1), previous={1: known}, held=[HeldDelivery(5, 1, "cap")])
    assert shown(digest) == {"deals": [1]}
    assert digest.repeated == ()


def test_a_digest_about_other_rules_makes_no_story_known() -> None:
    known = PreviousDigest(frozenset({1}), frozenset({"fpt"}))
    assert shown(digest_of(story(1), previous={1: known}, settings={"rules": ("deals",)})) == {"deals": [1]}
    assert len(digest_of(story(1), previous={1: known}).repeated) == 1


def test_lost_messages_alone_make_a_digest() -> None:
    lost = UnarrivedDelivery(3, "Nvidia", 4)
    assert not digest_of(unconfirmed=[lost]).empty
    assert digest_of(undelivered=[lost]).undelivered == (lost,)
