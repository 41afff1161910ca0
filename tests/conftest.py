"""Fixtures of every test: the shared data folder where it stands beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"


if settings.get_current_profile_name() == "default":  # under CI, Hypothesis has a profile of its own that repeats itself
    settings.register_profile("seedwatch", deadline=None)  # a busy machine is no failure
    settings.load_profile("seedwatch")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the long form of the sampled scenarios too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--full"):
        for item in items:
            if "full" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="the long form; run with `make test-full`"))


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command run inside a test sets the log up on that test's stderr, which is closed for the next one."""
    before = dict(structlog.get_config())
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real items and feeds beside the checkout; the test is skipped where there is none."""
    if not (SHARED / "eval" / "dev.jsonl").exists():
        pytest.skip("no shared data folder beside the checkout")
    return SHARED
