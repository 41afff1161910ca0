"""Defines VERSION and USER_AGENT: what the installed package says of itself, to people and to servers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("seedwatch")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


VERSION = _installed()
USER_AGENT = f"seedwatch/{VERSION}"
