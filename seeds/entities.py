"""Defines Entity and Name: who or what is watched, and by which names a text calls it.

A name is not yet a mention: short, ambiguous or common names carry conditions here, as data; `watchers.match.mentions` applies them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Kind = Literal["company", "brand", "product", "person", "government", "organization", "place", "topic"]
Lang = Literal["en", "vi"]


class Name(BaseModel):
    """One spelling of an entity, with what must hold for it to mean the entity.

    In TOML a name without conditions is a plain string; one with conditions is an inline table `{ text = "Vin", near = ["tập đoàn"] }`.
    Words in `near`, `not_near`, `before`, `after` are compared without regard to case; accents count where the text has accents.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1)
    lang: Lang | None = None
    """Only in texts of this language; None: in any."""
    case: bool | None = None
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
    market: bool = False
    """Only in a market context: an exchange, a share price, a list of tickers."""


class Entity(BaseModel):
    """Who or what a text may name. `id` is what rules, hits and the JSON output use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    """How messages show it."""
    kind: Kind
    watched: bool = False
    """True for the entities that the watch is about; the others surround them."""
    part_of: str | None = None
    """The entity whose subsidiary, brand or product this is: a mention of it counts for that one too."""
    of: str | None = None
    """For a person: the organisation or country of the office. Never counts as a mention of it."""
    office: str = ""
    """For a person: the office, "chief executive"."""
    country: str | None = None
    """Id of the place or government that this belongs to: "vietnam"."""
    tickers: tuple[str, ...] = ()
    """"EXCHANGE:SYMBOL", for example "NASDAQ:NVDA", "HOSE:VIC"."""
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

    def all_names(self) -> tuple[Name, ...]:
        """`name` and `names` together, each spelling once, the ones with conditions winning over the bare `name`."""
        if any(one.text == self.name for one in self.names):
            return self.names
        return (Name(text=self.name), *self.names)
