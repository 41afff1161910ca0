"""Runs the benchmarks: `python -m tests.benchmarks [NAME [NUMBER]]`; without a name all of them. Exit status 1 when a bound is not kept."""

from __future__ import annotations

import importlib
import sys

from tests.benchmarks.rows import Row, show

MODULES = ("matching", "stories", "polling", "latency", "backfill")
"""The benchmark modules, in the order they run. Each has `run()`, which gives rows, or figures by what they are, or shows its own; a
number behind the name is its argument."""
LARGE = ("backfill_large",)
"""Run only by their names: they need tens of gigabytes of disk."""


def main(arguments: list[str]) -> int:
    """Runs the named benchmark, or all."""
    name, *numbers = arguments or [""]
    if name and name not in MODULES + LARGE:
        print(f"no benchmark is called {name!r}; there are: {', '.join(MODULES + LARGE)}", file=sys.stderr)
        return 2
    kept = [_run(one, [int(number) for number in numbers]) for one in ([name] if name else MODULES)]
    return 0 if all(kept) else 1


def _run(name: str, numbers: list[int]) -> bool:
    print(f"\n{name}", flush=True)
    measured = importlib.import_module(f"tests.benchmarks.{name}").run(*numbers)
    rows = [Row(what, value) for what, value in measured.items()] if isinstance(measured, dict) else measured or []
    print(show(rows), flush=True)
    return all(row.kept is not False for row in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
