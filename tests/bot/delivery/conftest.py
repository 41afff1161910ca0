"""Fixtures of the delivery tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.outbox_world import World, outbox_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An outbox with three chats."""
    async with outbox_world(tmp_path) as world:
        yield world
