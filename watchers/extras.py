"""Defines install_hint and missing_of: what people are told where an optional package is not installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec


def install_hint(extra: str) -> str:
    """How to install an extra of pyproject.toml. seedwatch is installed from its checkout, not from a package index."""
    return f"`pip install '.[{extra}]'` in the checkout of seedwatch"


def missing_of(modules: Iterable[str]) -> list[str]:
    """Those of the top-level modules that cannot be imported. Imports none."""
    return [module for module in modules if find_spec(module) is None]
