"""The example in docs/seeds.md: a company, an event type and a rule of one's own. It needs no code and works as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seeds.load import load_seeds
from seeds.warnings import check_warnings
from watchers.match.matcher import Matcher
from watchers.models.item import Item

PAGE = Path(__file__).resolve().parents[2] / "docs" / "seeds.md"
BLOCK = re.compile(r"```toml\n# seeds/(entities|events|rules)\.toml\n(.*?)```", re.DOTALL)


@pytest.fixture
def matcher(tmp_path: Path) -> Matcher:
    """A matcher with the blocks of the page as own seeds, each in the file that its first line names."""
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert {name for name, _ in blocks} == {"entities", "events", "rules"}
    for name, text in blocks:
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    seeds = load_seeds(tmp_path)
    assert [str(warning) for warning in check_warnings(seeds)] == []
    return Matcher(seeds)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("Orange said on Monday that a network outage had cut off customers in Lyon.", True),
        ("The network of telecom operator Orange went down: a service outage hit the north.", True),
        ("Orange opened a shop for its customers in Lyon on Monday.", False),
        ("Orange juice sold out in Lyon after a network outage closed the shops.", False),
    ],
)
def test_the_example_works_as_written(matcher: Matcher, text: str, hits: bool) -> None:
    found = {hit.rule for hit in matcher.match(Item(feed="", title=text)).hits}
    assert ("orange-outages" in found) is hits
