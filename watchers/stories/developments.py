"""Defines what is new in a story: a denial, a plan carried out, a sum that nobody named before.

Pure. The same judgement makes a follow-up to an alert and puts a story into a second digest. It looks at the whole story: one happening is
often read as several events (an investment that is also a facility), and what one of them told is not new in another. A
development is a value; messages make words of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from watchers.stories.sums import MoneyAmount, agree, any_agree, read_sum


class Statement(NamedTuple):
    """What an item says of one event, as far as progress goes."""

    type: str
    status: str
    amount: float | None = None
    currency: str = ""
    parties: frozenset[str] = frozenset()
    """Ids of the entities that take part; empty where none is known."""


class Development(NamedTuple):
    """Something new in a story: an event was denied, a planned or reported event was confirmed as done, or its amount was named."""

    event_type: str
    kind: Literal["denied", "confirmed", "amount"]
    amount: float | None = None
    """In units of `currency` (ISO 4217); only for kind "amount"."""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a story's items have said so far."""

    statements: tuple[Statement, ...] = ()
    """Each once, in order."""
    sums: tuple[MoneyAmount, ...] = ()
    """Sums of money that the items' titles and openings name, whatever for."""
    completed: frozenset[Statement] = field(default=frozenset())
    """Of the statements, those that were new because they told that a plan was carried out."""


def record_developments(known: Known, statements: Iterable[Statement], sums: Sequence[MoneyAmount] = ()) -> Known:
    """What is known once an item has said this too. `sums`: those that its title and opening name."""
    heard = tuple(statements)
    completed = known.completed | {statement for statement in heard if _completes(known, statement)}
    return Known(
        statements=tuple(dict.fromkeys((*known.statements, *heard))),
        sums=tuple(dict.fromkeys((*known.sums, *sums))),
        completed=completed,
    )


def developments(known: Known, statements: Iterable[Statement]) -> tuple[Development, ...]:
    """What the statements add, in order, each once. An event of a type that was not told before adds nothing: it may be background."""
    types = {statement.type for statement in known.statements}
    added = []
    for statement in statements:
        if statement.type not in types:
            continue
        if _denies(known, statement):
            added.append(Development(statement.type, "denied"))
        elif _completes(known, statement):
            added.append(Development(statement.type, "confirmed"))
        elif _names_sum(known, statement):
            added.append(Development(statement.type, "amount", statement.amount, statement.currency))
    return tuple(dict.fromkeys(added))


def _statuses(known: Known, event_type: str) -> set[str]:
    return {statement.status for statement in known.statements if statement.type == event_type}


def _denies(known: Known, new: Statement) -> bool:
    """True for the first denial: of this type of event, and of these parties in any type."""
    denials = [statement for statement in known.statements if statement.status == "denied"]
    return new.status == "denied" and not any(denial.type == new.type or _same_parties(denial, new) for denial in denials)


def _completes(known: Known, new: Statement) -> bool:
    """True for the first word that a plan or report is done now. The same parties' second type of event says nothing new."""
    before = _statuses(known, new.type)
    if new.status != "done" or "done" in before or not before & {"planned", "reported"}:
        return False
    return not any(_same_parties(statement, new) for statement in known.completed)


def _names_sum(known: Known, new: Statement) -> bool:
    """True for a sum that the story did not tell yet, of an event that had none. The only sum of the story in another currency is taken
    for the same one converted."""
    if not new.amount or any(statement.amount for statement in known.statements if statement.type == new.type):
        return False
    money = _sum(new.amount, new.currency)
    told = [_sum(statement.amount, statement.currency) for statement in known.statements if statement.amount]
    converted = bool(told) and all(amount.currency != new.currency for amount in told)
    return not converted and not any(agree(money, amount) for amount in told) and not any_agree([money], known.sums)


def _same_parties(statement: Statement, other: Statement) -> bool:
    return not statement.parties or not other.parties or bool(statement.parties & other.parties)


def _sum(amount: float, currency: str) -> MoneyAmount:
    return read_sum(currency, f"{max(amount, 1.0):.0f}", max(amount, 1.0), 1.0, "", converted=False)
