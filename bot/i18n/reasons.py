"""Defines `reason_in`, `reasons_in` and `english`: the reasons of matching in words.

Matching gives codes and arguments (`watchers.match.result.Reason`). This is the only place that makes sentences of them; the templates
stand in the file of each language, under `reason`. The English sentences are public (`hits.why`): they hold ids of event types, sums in
figures and ISO dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from bot.i18n import formats
from bot.i18n.translate import DEFAULT, catalog
from seeds.display_names import DisplayNames
from watchers.match.reasons import ARGUMENTS, EVENT, SALIENCE, EventArguments
from watchers.match.result import Reason

SEPARATOR = "; "
"""Between reasons that are given as one."""
_CONJUNCTIONS = {"all_names": "and", "any_names": "or", "types": "or", "langs": "or"}
"""By argument that holds several texts; a comma is written between those of any other."""
_NO_NAMES = DisplayNames()


def english(reasons: Iterable[Reason]) -> list[str]:
    """The reasons as `hits.why` and JSON hold them, one sentence for each."""
    return [reason_in(DEFAULT, reason, _NO_NAMES) for reason in reasons]


def reasons_in(language: str, reasons: Sequence[Reason], why: Sequence[str], naming: DisplayNames) -> list[str]:
    """The reasons of a stored hit in that language. `why`: its English sentences, which are given as they are where the hit has no codes
    (an older version wrote it) or a code that is unknown here (a newer version wrote it)."""
    if len(reasons) != len(why) or not all(map(_is_known, reasons)):
        return list(why)
    return [reason_in(language, reason, naming) for reason in reasons]


def reason_in(language: str, reason: Reason, naming: DisplayNames) -> str:
    """The reason as plain text, not cleaned. `naming` holds the names of entities and event types in that language. Raises KeyError for an
    unknown code or a missing argument."""
    if language == DEFAULT:
        naming = _NO_NAMES
    if reason.code == SALIENCE:
        return _joined(language, reason.args["reasons"], naming)
    if reason.code == EVENT:
        return _event(language, msgspec.convert(reason.args, EventArguments), naming)
    person = str(reason.args.get("text", ""))
    values = {name: _value(language, name, value, naming, person) for name, value in reason.args.items()}
    return _template(language, reason.code).format(**values)


def _is_known(reason: Reason) -> bool:
    nested: Any = reason.args.get("reasons", ())
    return reason.code in ARGUMENTS and all(map(_is_known, nested))


def _template(language: str, key: str) -> str:
    return catalog(language).sentences[f"reason.{key}"]


def _word(language: str, table: str, key: str) -> str:
    """The word that the language has for `key`, or `key` itself."""
    return catalog(language).sentences.get(f"reason.{table}.{key}", key)


def _joined(language: str, reasons: Any, naming: DisplayNames) -> str:
    return SEPARATOR.join(reason_in(language, reason, naming) for reason in reasons)


def _value(language: str, name: str, value: Any, naming: DisplayNames, person: str) -> str:
    """An argument in words. `person`: the holder of the office, where the argument is one."""
    if name == "reasons":
        return _joined(language, value, naming)
    if isinstance(value, tuple):
        return _list(language, [_text(language, name, text, naming) for text in value], _CONJUNCTIONS.get(name))
    if name == "office":
        return naming.office(language, person, value) if value else _template(language, "unknown_office")
    return formats.decimal(language, float(f"{value:.2f}")) if name in {"value", "limit"} else _text(language, name, str(value), naming)


def _text(language: str, name: str, text: str, naming: DisplayNames) -> str:
    if name in {"name", "names", "all_names", "any_names"}:
        return naming.name(language, text)
    if name == "types":
        return _without_capital(naming.event(language, text))
    table = {"lang": "languages", "langs": "languages", "kind": "kinds"}.get(name)
    return _word(language, table, text) if table else text


def _event(language: str, event: EventArguments, naming: DisplayNames) -> str:
    """ "acquisition: A and B → C, 5,000,000 USD, Hanoi, 2024-12-05, planned (according to D)"; in other languages with sums and dates as
    its messages write them."""

    def names(stored: Sequence[str]) -> str:
        return _list(language, [naming.name(language, name) for name in stored], "and")

    head = naming.event(language, event.type)
    if event.actors:
        head += f": {names(event.actors)}"
    if event.targets:
        head += (_template(language, "with") if event.mutual else " → ") + names(event.targets)
    money, date = "", event.date
    if event.amount is not None:
        figures = f"{event.amount:,.0f} {event.currency}"
        money = figures if language == DEFAULT else formats.money(language, event.amount, event.currency)
    if language != DEFAULT:
        date = formats.event_date(language, date)
    status = _word(language, "status", event.status)
    by = ""
    if event.attributed_to:
        by = f" ({catalog(language).sentences['according_to'].format(who=naming.name(language, event.attributed_to))})"
    return ", ".join(part for part in (head, money, naming.name(language, event.place), date, status) if part) + by


def _list(language: str, texts: Sequence[str], conjunction: str | None) -> str:
    """ "A, B và C"."""
    if conjunction is None:
        return ", ".join(texts)
    between, last = (_template(language, f"{conjunction}.{key}") for key in ("between", "last"))
    return last.join(part for part in (between.join(texts[:-1]), *texts[-1:]) if part)


def _without_capital(words: str) -> str:
    """Without the capital of a heading: "Hợp tác" → "hợp tác", "AI" stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


_missing = [code for code in ARGUMENTS if code not in {EVENT, SALIENCE} and f"reason.{code}" not in catalog(DEFAULT).sentences]
if _missing:
    raise AssertionError(f"no language has words for {_missing}")
