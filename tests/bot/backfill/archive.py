"""Small archives of made-up news and a watch with few names, which is compiled in no time, for the tests of backfill."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from seeds.load import Seeds, load_seeds

_TOWNS = ("Hanoi", "Da Nang", "Hue", "Can Tho", "Vinh", "Da Lat", "Hai Phong")
_QUIET = "A quiet day at the market: rain, tea and nothing that anybody would write home about."


def write_archive(path: Path, records: int, *, every: int = 5) -> Path:
    """JSON Lines of so many records; each `every`-th tells of a watched company, every seventh of those twice."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(records):
            town = _TOWNS[number % len(_TOWNS)]
            if number % every == 0:
                title = f"Nvidia to invest ${number + 10} million in a research centre in {town}"
                text = f"Nvidia said on Monday that it would build a research centre number {number} in {town}, Vietnam, with FPT."
            else:
                title, text = f"Quiet day number {number} in {town}", _QUIET
            day = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:00Z"
            record = {"id": str(number), "title": title, "text": text, "published": day, "url": f"https://news.example/{number}"}
            file.write(json.dumps(record) + "\n")
    return path


@cache
def small_seeds() -> Seeds:
    """The packaged knowledge about three names, with two rules."""
    whole = load_seeds()
    entities = {name: whole.entities[name] for name in ("nvidia", "fpt", "vietnam")}
    rules = {name: whole.rules[name] for name in ("nvidia", "fpt")}
    return Seeds(entities, whole.events, rules, ())
