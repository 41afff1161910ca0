"""Defines Entity and Name: the persons, companies, places and topics that are watched, and their names in texts.

A name in a text is not always a mention: short, ambiguous or common names have conditions here, as data. `watchers.match.names.mentions`
applies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from seeds.languages import Language

SHORT_NAME = 4
"""A name of at most this number of letters is short. Written in another case, it is usually another word."""

Kind = Literal["company", "brand", "product", "person", "government", "organization", "place", "topic"]


class Name(BaseModel):
    """One spelling of an entity's name, with the conditions under which it means the entity.

    In TOML a name without conditions is a plain string; one with conditions is an inline table `{ text = "Vin", near = ["tập đoàn"] }`.
    Words in `near`, `not_near`, `before`, `after` are compared without regard to case; accents count where the text has accents.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1)
    lang: Language | None = None
    """Valid only in texts of this language; None: in any language."""
    case: StrictBool | None = None
    """True: the letter case must be as written, except in all-upper-case headlines. None: true for names of up to four letters and for
    names in capitals, else false."""
    near: tuple[str, ...] = ()
    """At least one of these words or phrases must be in the same sentence or within 12 words."""
    not_near: tuple[str, ...] = ()
    """None of these words may be in the same sentence or within 12 words."""
    before: tuple[str, ...] = ()
    """The name must not be directly followed by one of these ("Intel" followed by "report")."""
    after: tuple[str, ...] = ()
    """The name must not directly follow one of these ("mật khẩu" before "fpt")."""
    market: StrictBool = False
    """Valid only in a market context: an exchange, a share price, a list of tickers."""
    exchanges: tuple[str, ...] = ()
    """With `market`: the exchanges where it is this company's symbol; "NASDAQ: FOX" is not the FOX of Hanoi. Empty: any."""
    somewhere: tuple[str, ...] = ()
    """At least one of these words or phrases must be anywhere in the item, title included."""
    nowhere: tuple[str, ...] = ()
    """None of these may be anywhere in the item, because they show another meaning ("first past the post" for FPT)."""

    @property
    def bare(self) -> bool:
        """True if the name has no condition except letter case."""
        return not (self.near or self.not_near or self.before or self.after or self.market or self.somewhere or self.nowhere)

    @property
    def exact_case(self) -> bool:
        """True if the letter case must be as written: by `case`, else for names of up to four letters and for names in capitals."""
        if self.case is not None:
            return self.case
        return sum(c.isalpha() for c in self.text) <= SHORT_NAME or self.text.isupper()


class Entity(BaseModel):
    """A person, company, place or topic that texts name. Rules, hits and the JSON output use its `id`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    """The name in messages."""
    name_vi: str = ""
    """The name in Vietnamese messages, if it differs. Not searched in texts: the names in texts are in `names`."""
    kind: Kind
    watched: StrictBool = False
    """True for the entities that the watch is about; the others give context."""
    part_of: str | None = None
    """The id of the entity whose subsidiary, brand or product this is. A mention of this one counts for that entity too."""
    of: str | None = None
    """For a person: the id of the organisation or country of the office. It does not count as mentioned."""
    office: str = ""
    """For a person: the office, "chief executive"."""
    office_vi: str = ""
    """The office in Vietnamese messages."""
    country: str | None = None
    """The id of the place or government that this belongs to: "vietnam"."""
    tickers: tuple[str, ...] = ()
    """"EXCHANGE:SYMBOL", for example "NASDAQ:NVDA", "HOSE:VIC"."""
    venue: StrictBool = False
    """The name also belongs to places where others act ("at Vincom Center"). There it is only the place."""
    beside_owner: StrictBool = False
    """A mention only if the item also names `part_of`: GeForce alone is not a mention of Nvidia."""
    names: tuple[Name, ...] = ()
    """The names in texts. `name` is one of them without conditions, unless it is listed here with conditions."""

    @field_validator("names", mode="before")
    @classmethod
    def _plain_names(cls, value: object) -> object:
        if isinstance(value, (list, tuple)):
            return [{"text": name} if isinstance(name, str) else name for name in value]
        return value

    @field_validator("tickers")
    @classmethod
    def _ticker_form(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for ticker in value:
            exchange, _, symbol = ticker.partition(":")
            if not exchange or not symbol or not ticker.isupper():
                raise ValueError(f'expected "EXCHANGE:SYMBOL" in capitals, got {ticker!r}')
        return value

    def name_in(self, lang: str) -> str:
        """Returns the name in messages of language `lang`."""
        return self.translations.get(lang) or self.name

    @property
    def translations(self) -> Mapping[str, str]:
        """Names in other languages than English, by language."""
        return {"vi": self.name_vi} if self.name_vi else {}

    def all_names(self) -> tuple[Name, ...]:
        """Returns `name`, `names` and the ticker symbols, each spelling once.

        A spelling in `names` replaces the plain `name`, and both replace a ticker symbol, which always needs a market context.
        """
        spellings = {name.text for name in self.names}
        names = self.names if self.name in spellings else (Name(text=self.name), *self.names)
        spellings.add(self.name)
        symbols: dict[str, list[str]] = {}
        for ticker in self.tickers:
            exchange, _, symbol = ticker.partition(":")
            symbols.setdefault(symbol, []).append(exchange)
        tickers = (
            Name(text=symbol, case=True, market=True, exchanges=tuple(exchanges))
            for symbol, exchanges in symbols.items()
            if symbol not in spellings
        )
        return (*names, *tickers)
