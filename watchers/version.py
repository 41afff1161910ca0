"""Defines VERSION, the version of the installed package, and USER_AGENT, sent with every request."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _installed_version() -> str:
    try:
        return version("seedwatch")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


VERSION = _installed_version()
USER_AGENT = f"seedwatch/{VERSION}"
