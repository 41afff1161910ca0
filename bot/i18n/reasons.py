"""Defines `reason_in`: a reason of matching in the language of a chat.

Reasons are stored in English. For another language the sentence is read back against the templates that made it and told anew; one that no
template made (of an older version, of a plug-in) is given as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.i18n import formats
from bot.i18n import reasons_vi as vi
from seeds.display_names import DisplayNames
from watchers.match.reasons import EVENT, JOINERS, Reason, read

_NAMES = frozenset({"name", "names", "all_names", "any_names"})


def reason_in(language: str, sentence: str, naming: DisplayNames) -> str:
    """The reason in that language, as plain text; `naming` knows how names and event types are called there."""
    if language != "vi":
        return sentence
    said = read(sentence)
    return sentence if said is None else "; ".join(_told(reason, naming) for reason in said)


def _told(said: Reason, naming: DisplayNames) -> str:
    if said.id == EVENT:
        return _event(said, naming)
    return vi.REASONS[said.id].format(**{slot: _slot(said, slot, naming) for slot in said.slots})


def _slot(said: Reason, slot: str, naming: DisplayNames) -> str:
    given = said.slots[slot]
    if slot in JOINERS:
        return _joined([_one(slot, part, naming) for part in said.parts(slot)], vi.BETWEEN[slot])
    return vi.HEAD if slot == "office" and given == "head" else _one(slot, given, naming, person=said.slots.get("text", ""))


def _one(slot: str, given: str, naming: DisplayNames, *, person: str = "") -> str:
    """One of the things that a slot holds."""
    if slot in _NAMES:
        return naming.name("vi", given)
    tell: dict[str, Callable[[], str]] = {
        "kind": lambda: vi.KINDS.get(given, given),
        "office": lambda: naming.office("vi", person, given),
        "value": lambda: given.replace(".", ","),
        "limit": lambda: given.replace(".", ","),
        "types": lambda: _lowered(_type(given, naming)),
        "lang": lambda: vi.LANGUAGES.get(given, given),
        "langs": lambda: vi.LANGUAGES.get(given, given),
        "reasons": lambda: reason_in("vi", given, naming),
    }
    return tell[slot]() if slot in tell else given


def _joined(parts: Sequence[str], last: str) -> str:
    """ "A, B và C"."""
    return last.join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def _lowered(words: str) -> str:
    """Without the capital of a heading: "Hợp tác" → "hợp tác", "AI" stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _type(words: str, naming: DisplayNames) -> str:
    return naming.event("vi", words.replace(" ", "_"))


def _event(said: Reason, naming: DisplayNames) -> str:
    """The event with its sum, date and status as Vietnamese messages write them."""
    slots = said.slots
    who = _parties(slots.get("actors", ""), naming)
    whom = _parties(slots.get("targets", ""), naming)
    joint = " với " if slots.get("joint") == " with " else " → "
    head = f"{_type(slots['type'], naming)}{': ' if who else ''}{who}{joint if whom else ''}{whom}"
    amount = ""
    if "amount" in slots:
        value, _, currency = slots["amount"].rpartition(" ")
        amount = formats.money("vi", float(value.replace(",", "")), currency)
    details = (
        amount, naming.name("vi", slots.get("place", "")), formats.event_date("vi", slots.get("date", "")),
        vi.STATUSES.get(slots.get("status", ""), ""),
    )  # fmt: skip
    by = f" (theo {naming.name('vi', slots['by'])})" if "by" in slots else ""
    return ", ".join(part for part in (head, *details) if part) + by


def _parties(joined: str, naming: DisplayNames) -> str:
    return _joined([naming.name("vi", one) for one in joined.split(JOINERS["all_names"])], vi.BETWEEN["all_names"]) if joined else ""
