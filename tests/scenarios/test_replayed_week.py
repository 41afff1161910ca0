"""A week of real Vietnamese items, and four days of English ones, through the whole bot: what the chat then holds, as an editor sees it.

The items are read from the shared folder; nothing of their words stands here.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.poll_replay import Told, replay
from watchers.models.item import Item

Arrivals = list[tuple[datetime, Item]]


def vietnamese_week(shared: Path, first: datetime) -> Arrivals:
    """What seven feeds brought in a week from `first` on, by the moment when a poller first saw it."""
    import zstandard

    packed = (shared / "data" / "polls" / "vn-2026-06.items.jsonl.zst").read_bytes()
    lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), "utf-8")
    rows = [json.loads(line) for line in lines]
    addresses = {name: f"https://feed{number}.example/rss" for number, name in enumerate(dict.fromkeys(row["source"] for row in rows))}
    arrivals = []
    for row in rows:
        seen = datetime.fromisoformat(row["first_seen"])
        if first <= seen < first + timedelta(days=7):
            source = row["source"]
            arrivals.append(
                (seen, Item(addresses[source], row["url"], row["id"], row["title"], "", row["text"], "vi", published=seen, source=source))
            )
    return arrivals


def english_days(shared: Path) -> Arrivals:
    """The items of the story labels, as one search feed would have brought them."""
    arrivals = []
    for line in (shared / "eval" / "stories.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        at = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
        url = f"https://{quote(row['source'])}/{row['id']}"
        told = {"text": row["text"], "lang": row["lang"], "published": at, "source": row["source"]}
        item = Item("https://search.example/rss", url, row["id"], row["title"], **told)
        arrivals.append((at, item))
    return sorted(arrivals, key=lambda arrival: arrival[0])


def check_as_an_editor(told: Told) -> None:
    """What must hold of any stretch of news."""
    plain = [message.plain for message in told.alerts]
    headlines = Counter(text.partition("\n")[0] for text in plain)
    assert max(headlines.values(), default=1) == 1, f"told twice: {headlines.most_common(2)}"
    for text in plain:
        lines = text.splitlines()
        assert 3 <= len(lines) <= 8, text
        assert len(text) < 1200, text
        assert len(set(lines)) == len(lines), f"a line stands twice: {text}"
        assert lines[-1].startswith("Why: "), text
        assert "  " not in text
        assert not any(sign in text for sign in ("&amp;", "&#", "<b>", "\u200b", "None")), text
    heads = Counter(text.partition("\n")[0] for text in (digest.plain for digest in told.digests) if text.startswith("Digest, "))
    assert max(heads.values()) == 1, "one digest for each date"
    stories = [line.partition(" <")[0] for message in told.digests for line in message.plain.splitlines() if line.startswith("• ")]
    by_date = len(stories) - len(set(stories))
    assert by_date <= len(stories) / 5, "what one digest told the next tells only when others have told it since"


@pytest.mark.parametrize("day", [1, 8])
async def test_a_week_of_vietnamese_news(tmp_path: Path, shared: Path, day: int) -> None:
    arrivals = vietnamese_week(shared, datetime(2026, 6, day, tzinfo=UTC))
    times = sorted({seen for seen, _ in arrivals})
    told = await replay(tmp_path, arrivals, [*times, times[-1] + timedelta(days=1)])
    check_as_an_editor(told)
    assert len(arrivals) > 1500
    assert 1 <= len(told.alerts) <= 14, "a handful in a week of general news"
    assert len(told.digests) >= 3


async def test_four_days_of_english_news(tmp_path: Path, shared: Path) -> None:
    arrivals = english_days(shared)
    first, last = arrivals[0][0], arrivals[-1][0] + timedelta(days=1)
    times = [first + timedelta(minutes=30 * step) for step in range(int((last - first) / timedelta(minutes=30)) + 1)]
    told = await replay(tmp_path, arrivals, times)
    check_as_an_editor(told)
    assert 8 <= len(told.alerts) <= 30
    assert not any("13F" in alert.plain or "Free Report" in alert.plain for alert in told.alerts), "who holds shares is no news"
    assert any(message.edit for _, message in told.messages), "later sources edit the first message"
