"""The README's pictures are drawn from what the bot really says."""

from __future__ import annotations

from pathlib import Path

import pytest


async def test_the_pictures_of_the_readme_can_be_drawn_anew(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from tests.support.chat_pictures import draw

    made = await draw(tmp_path, ("vi",))
    names = ("alert", "why", "more", "watch", "timeline", "edited", "digest")
    assert [one.name for one in made] == [f"chat-{name}-vi.png" for name in names]
    assert all(one.read_bytes().startswith(b"\x89PNG") for one in made)
    docs = Path(__file__).resolve().parents[1] / "pictures"
    assert all((docs / one.name).exists() for one in made)
