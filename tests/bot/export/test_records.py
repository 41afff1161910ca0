"""The JSON records that commands and pages share."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.export.records import search_record, story_record
from bot.store.search import SearchResult
from bot.store.story_rows import JoinReason
from bot.stories.view import EventView, RuleHit, StorySource, StoryView

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_a_story_has_its_items_events_hits_and_reasons_to_join() -> None:
    view = StoryView(
        id=7,
        title="Nvidia invests",
        first_at=NOW,
        last_at=None,
        sources=(
            StorySource(1, "Paper", "https://p.example/", "Nvidia invests", NOW, lang="en", published_at=NOW, rules=("deals", "nvidia")),
            StorySource(2, "Other", "https://o.example/", "It invests", None, sponsored=True),
        ),
        events=(EventView("investment", {}, ("Nvidia",), ("VinBrain",), 2e8, "USD", status="planned", sentence="It will.", item_id=1),),
        reasons=(RuleHit(5, "deals", "Deals", 0.8, "alert", ("Nvidia is the subject.",), 1),),
        entities=frozenset({"vinbrain", "nvidia"}),
        publishers=("Paper", "Other"),
        join_reasons=(JoinReason(2, ("same words",)),),
    )
    assert story_record(view) == {
        "id": 7,
        "title": "Nvidia invests",
        "first_at": "2026-03-02T05:00:00Z",
        "last_at": None,
        "sources": 2,
        "entities": ["nvidia", "vinbrain"],
        "items": [
            {
                "id": 1, "title": "Nvidia invests", "url": "https://p.example/", "source": "Paper", "at": "2026-03-02T05:00:00Z",
                "published_at": "2026-03-02T05:00:00Z", "lang": "en", "sponsored": False, "rules": ["deals", "nvidia"],
                "joined_because": [],
            },
            {
                "id": 2, "title": "It invests", "url": "https://o.example/", "source": "Other", "at": None, "published_at": None,
                "lang": "", "sponsored": True, "rules": [], "joined_because": ["same words"],
            },
        ],
        "events": [
            {
                "type": "investment", "actors": ["Nvidia"], "targets": ["VinBrain"], "amount": {"value": 2e8, "currency": "USD"},
                "place": None, "date": None, "status": "planned", "attributed_to": None, "sentence": "It will.", "item": 1,
            }
        ],
        "hits": [{"rule": "deals", "score": 0.8, "severity": "alert", "why": ["Nvidia is the subject."], "item": 1}],
        "why": [{"item": 2, "why": ["same words"]}],
    }  # fmt: skip


def test_a_search_result_has_its_story() -> None:
    result = SearchResult(3, "T", "https://a.example/", "Paper", "f", "en", None, "2026-03-02T05:00:00Z", None, ("deals",), "text", 7)
    assert search_record(result) == {
        "id": 3, "title": "T", "url": "https://a.example/", "source": "Paper", "feed": "f", "lang": "en", "published_at": None,
        "first_seen_at": "2026-03-02T05:00:00Z", "rules": ["deals"], "story": 7,
    }  # fmt: skip
