"""The pictures of README and docs/ are drawn from real messages of the bot."""

from __future__ import annotations

from pathlib import Path

import pytest


async def test_the_pictures_of_the_readme_can_be_drawn_anew(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from tests.support.chat_pictures import draw

    made = await draw(tmp_path, ("vi",))
    names = ("alert", "why", "more", "watch", "timeline", "edited", "digest")
    assert [path.name for path in made] == [f"chat-{name}-vi.png" for name in names]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in made)
    docs = Path(__file__).resolve().parents[1] / "pictures"
    assert all((docs / path.name).exists() for path in made)
