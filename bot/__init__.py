"""The bot: polls, matches, stores, tells, and the command line."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path


def _load_watchers() -> None:
    """Imports the package `watchers` beside this one; where Python was started, and looks first, a folder of that name may stand.

    Raises ImportError when another package was imported under that name.
    """
    beside = Path(__file__).resolve().parents[1]
    loaded = getattr(sys.modules.get("watchers"), "__file__", None)  # a plain folder has none
    if loaded is not None:
        if Path(loaded).resolve().parents[1] != beside:
            raise ImportError(f"{loaded} was imported as the package 'watchers' of seedwatch: start Python in another folder")
        return
    spec = PathFinder.find_spec("watchers", [str(beside)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules["watchers"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["watchers"])


_load_watchers()
