"""Defines install_hint and missing_modules: which optional packages are missing, and how to install them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec


def install_hint(extra: str) -> str:
    """Returns the command that installs an extra of pyproject.toml. seedwatch is installed from its checkout, not from a package index."""
    return f"`pip install '.[{extra}]'` in the checkout of seedwatch"


def missing_modules(modules: Iterable[str]) -> list[str]:
    """Returns the names of top-level modules that are not installed. Does not import them."""
    return [module for module in modules if find_spec(module) is None]
