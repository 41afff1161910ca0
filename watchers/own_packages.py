"""Defines claim: a package of ours is the one beside this folder, whatever folder of its name stands where Python was started.

Python looks there first, and a folder `seeds` stands beside most configurations. Every process of ours imports it before `seeds`.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[1]
_claimed: set[str] = set()


class _Finder:
    """Asked before Python looks anywhere else."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """The specification of a claimed package; None for every other module."""
        return PathFinder.find_spec(name, [str(_BESIDE)]) if name in _claimed else None


def require_own(name: str) -> None:
    """From now on the package `name` is found beside this folder.

    A plain folder that was taken for it is forgotten. Raises ImportError when another package was imported under that name.
    """
    module = sys.modules.get(name)
    where = Path(next(iter(getattr(module, "__path__", [])), "")).resolve()
    if module is not None and where != _BESIDE / name:
        if getattr(module, "__file__", None) is not None:
            raise ImportError(f"{where} was imported as the package {name!r} of seedwatch: start Python in another folder")
        del sys.modules[name]
    if not _claimed:
        sys.meta_path.insert(0, _Finder)
    _claimed.add(name)
