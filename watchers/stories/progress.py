"""Defines progress: what events add to what a story has told before (a plan carried out, a denial, a sum), and how that is remembered.

Pure. The same judgement makes a follow-up to an alert and puts a story into a second digest. The words are a code that messages translate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Said = tuple[str, str, str]
"""An event as far as progress goes: its type, its status, and its sum in words ("" without one)."""
Told = Mapping[str, frozenset[str]]
"""By event type, the statuses told, and "amount" where a sum was."""


def learn(told: Told, events: Iterable[Said]) -> dict[str, frozenset[str]]:
    """What is told once these events are told too."""
    known = dict(told)
    for kind, status, amount in events:
        known[kind] = known.get(kind, frozenset()) | ({status, "amount"} if amount else {status})
    return known


def progress(told: Told, events: Iterable[Said]) -> tuple[str, ...]:
    """What the events add, in order, each once. An event of a type that was not told before adds nothing: it may be background."""
    said = []
    for kind, status, amount in events:
        known = told.get(kind)
        if known is None:
            continue
        if status == "denied" and "denied" not in known:
            said.append(f"{kind}: now denied")
        elif status == "done" and "done" not in known and known & {"planned", "reported"}:
            said.append(f"{kind}: {'planned' if 'planned' in known else 'reported'} before, done now")
        elif amount and "amount" not in known:
            said.append(f"{kind}: an amount is named, {amount}")
    return tuple(dict.fromkeys(said))
