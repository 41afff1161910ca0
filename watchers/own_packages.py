"""Defines require_own: makes Python import a package of this project, not a folder of the same name in the working directory.

Python searches the working directory first, and most configurations have a folder `seeds` there. `watchers/__init__.py` therefore calls
`require_own("seeds")` before any module imports `seeds`.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1]
"""The folder that holds the packages of this project."""
_own_names: set[str] = set()


class _Finder:
    """First entry of `sys.meta_path`: finds the packages of this project before Python searches elsewhere."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Returns the specification of a package of this project; None for every other module."""
        return PathFinder.find_spec(name, [str(_PROJECT)]) if name in _own_names else None


def require_own(name: str) -> None:
    """Makes every later import of `name` load the package of this project.

    If a plain folder was already imported as a namespace package `name`, it is removed from `sys.modules`. Raises ImportError if
    another real package was imported under that name.
    """
    module = sys.modules.get(name)
    folder = Path(next(iter(getattr(module, "__path__", [])), "")).resolve()
    if module is not None and folder != _PROJECT / name:
        if getattr(module, "__file__", None) is not None:
            raise ImportError(f"{folder} was imported as the package {name!r} of seedwatch: start Python in another folder")
        del sys.modules[name]
    if not _own_names:
        sys.meta_path.insert(0, _Finder)
    _own_names.add(name)
