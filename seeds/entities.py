"""Defines Entity and Name: who or what is watched, and by which names a text calls it.

A name is not yet a mention: short, ambiguous or common names carry conditions here, as data; `watchers.match.names.mentions` applies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from seeds.languages import Language

SHORT_NAME = 4
"""Letters up to which a name is short: written in another case it is mostly another word."""

Kind = Literal["company", "brand", "product", "person", "government", "organization", "place", "topic"]


class Name(BaseModel):
    """One spelling of an entity, with what must hold for it to mean the entity.

    In TOML a name without conditions is a plain string; one with conditions is an inline table `{ text = "Vin", near = ["tập đoàn"] }`.
    Words in `near`, `not_near`, `before`, `after` are compared without regard to case; accents count where the text has accents.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1)
    lang: Language | None = None
    """Only in texts of this language; None: in any."""
    case: StrictBool | None = None
    """True: letter case as written (an all-upper-case headline is excepted). None: true for names of up to four letters and for
    names in capitals, false otherwise."""
    near: tuple[str, ...] = ()
    """At least one of these words or phrases within the same sentence or 12 words around."""
    not_near: tuple[str, ...] = ()
    """None of these words within the same sentence or 12 words around."""
    before: tuple[str, ...] = ()
    """Rules out: the name is directly followed by one of these ("Intel" followed by "report")."""
    after: tuple[str, ...] = ()
    """Rules out: the name directly follows one of these ("mật khẩu" before "fpt")."""
    market: StrictBool = False
    """Only in a market context: an exchange, a share price, a list of tickers."""
    exchanges: tuple[str, ...] = ()
    """With `market`: the exchanges where it is this company's symbol; "NASDAQ: FOX" is not the FOX of Hanoi. Empty: any."""
    somewhere: tuple[str, ...] = ()
    """At least one of these words or phrases anywhere in the item, its title included."""
    nowhere: tuple[str, ...] = ()
    """None of these anywhere in the item: the other thing of this name ("first past the post" for FPT)."""

    @property
    def bare(self) -> bool:
        """True when nothing but letter case stands between this spelling and a mention."""
        return not (self.near or self.not_near or self.before or self.after or self.market or self.somewhere or self.nowhere)

    @property
    def exact_case(self) -> bool:
        """Whether letter case must be as written: as `case` says, else for names of up to four letters and for names in capitals."""
        if self.case is not None:
            return self.case
        return sum(c.isalpha() for c in self.text) <= SHORT_NAME or self.text.isupper()


class Entity(BaseModel):
    """Who or what a text may name. `id` is what rules, hits and the JSON output use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    """How messages show it."""
    name_vi: str = ""
    """How Vietnamese messages show it, where that differs. Only a heading: what texts call it stands in `names`."""
    kind: Kind
    watched: StrictBool = False
    """True for the entities that the watch is about; the others surround them."""
    part_of: str | None = None
    """The entity whose subsidiary, brand or product this is: a mention of it counts for that one too."""
    of: str | None = None
    """For a person: the organisation or country of the office. Never counts as a mention of it."""
    office: str = ""
    """For a person: the office, "chief executive"."""
    office_vi: str = ""
    """The same in Vietnamese messages."""
    country: str | None = None
    """Id of the place or government that this belongs to: "vietnam"."""
    tickers: tuple[str, ...] = ()
    """"EXCHANGE:SYMBOL", for example "NASDAQ:NVDA", "HOSE:VIC"."""
    venue: StrictBool = False
    """Its name is also that of places where others do things ("at Vincom Center"): there it is no more than the place."""
    beside_owner: StrictBool = False
    """A mention only where `part_of` is named in the item too: GeForce alone does not name Nvidia."""
    names: tuple[Name, ...] = ()
    """Besides `name`, which is a name of its own unless it stands here with conditions."""

    @field_validator("names", mode="before")
    @classmethod
    def _plain_names(cls, value: object) -> object:
        if isinstance(value, (list, tuple)):
            return [{"text": one} if isinstance(one, str) else one for one in value]
        return value

    @field_validator("tickers")
    @classmethod
    def _ticker_form(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            exchange, _, symbol = one.partition(":")
            if not exchange or not symbol or not one.isupper():
                raise ValueError(f'expected "EXCHANGE:SYMBOL" in capitals, got {one!r}')
        return value

    def name_in(self, lang: str) -> str:
        """How messages in that language show it."""
        return self.translations.get(lang) or self.name

    @property
    def translations(self) -> Mapping[str, str]:
        """Names in other languages than English, by language."""
        return {"vi": self.name_vi} if self.name_vi else {}

    def all_names(self) -> tuple[Name, ...]:
        """`name`, `names` and the ticker symbols together, each spelling once.

        What stands in `names` wins over the bare `name`, and both over a symbol, which by itself needs a market context.
        """
        known = {name.text for name in self.names}
        named = self.names if self.name in known else (Name(text=self.name), *self.names)
        known.add(self.name)
        symbols: dict[str, list[str]] = {}
        for ticker in self.tickers:
            exchange, _, symbol = ticker.partition(":")
            symbols.setdefault(symbol, []).append(exchange)
        return (
            *named,
            *(Name(text=one, case=True, market=True, exchanges=tuple(where)) for one, where in symbols.items() if one not in known),
        )
