"""Defines Features: what of an item tells which news it is, in a form that can be compared and kept by the hundred thousand.

Pure. Title and opening of the text become terms (words, names, concepts of both languages), figures, names and shingles; what matching
found (entities, events) joins them. Chrome that sites put in place of the article ("enable cookies") is left out.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import zlib
from array import array
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from urllib.parse import urlsplit

from seeds.folding import restore_d
from watchers.match.result import Match, UnknownName
from watchers.models.item import Item
from watchers.stories.concepts import PLACES
from watchers.stories.figures import Figures, figures
from watchers.stories.name_terms import companies, entities_called, entity_spans, in_several_words, named_terms, title_names, whole_names
from watchers.stories.places import EventPlace, scenes
from watchers.stories.price_moves import PriceMove, may_move, read_move
from watchers.stories.terms import Word, fold, is_common, is_concept, is_money, tokens
from watchers.text.publishers import is_publisher

_TITLE = 500  # characters of a title; what is longer is a text, and its cost would grow with it
_LEAD = 1_000  # characters of text read beside the title: what happened stands there, and the rest only dilutes
_LEAD_TERMS = 50
_MARKED = 3  # sentences remembered, to know chrome by
_SHINGLE = 4  # words
KEPT_SHINGLES = 40
_TICKER = re.compile(
    r"\$?\(?\b(?:nasdaq|nyse|hose|hnx|tsx|otc)\s?:\s?[\w.]+\)?|\([A-Z]{1,5}(?:\.[A-Z]{2})?\)|\(\d{3,6}\.[A-Z]{2}\)|\$[A-Za-z]{1,6}\b",
    re.IGNORECASE,
)
_CHROME_WORDS = """
cookie|javascript|captcha|not a robot|security service|ray id|cloudflare|browser|newsletter|sign up|log in|subscri|privacy policy|
terms of service|valid symbol|automation tools|access to this page|click the box|all rights reserved|something went wrong|try again|
verification email|verification e-mail|spam folder|at least 15 m|delayed for|unsubscribe|đăng ký nhận tin|đăng nhập|bấm vào đây
"""
_CHROME = tuple(_CHROME_WORDS.replace("\n", "").split("|"))  # searched one by one: eight times faster than one expression
_PLACES = frozenset("=" + place for place in PLACES)
_QUARTERS = frozenset(f"=quarter{number}" for number in range(1, 5))
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SMALL = frozenset({"of", "the", "and", "for", "on", "in"})
_SITE = re.compile(r"\s[-–|—]\s(?:[^-–|—]{2,40})$")


@dataclass(frozen=True, slots=True)
class Features:
    """What is compared. Terms are tuples without doubles, in order of appearance; `shingles` sorted hashes."""

    when: datetime
    lang: str
    publisher: str
    title: tuple[str, ...]
    lead: tuple[str, ...]
    names: frozenset[str]
    """Terms of the title that are names for certain, one a word."""
    perhaps: frozenset[str]
    """Words of a title in capitals that may be names."""
    known: tuple[str, ...]
    """Terms in capitals anywhere in title and opening: the names that the item knows, and some words."""
    wholes: tuple[tuple[str, ...], ...]
    """Names of several words in title and opening, as terms: a word of one is no name by itself."""
    quarters: frozenset[str]
    places: frozenset[str]
    """Places and quarters of the year that the title names, as concepts."""
    happenings: frozenset[str]
    """Types of the events that matching read."""
    scenes: tuple[EventPlace, ...]
    """Where those happen that the title tells."""
    title_figures: Figures
    lead_figures: Figures
    shingles: array[int]
    sentences: tuple[int, ...]
    """Hashes of the opening's first sentences: the same ones over many titles are chrome."""
    move: PriceMove | None


def headline(item: Item) -> str:
    """The title without the publisher's name at its end and without tickers; the opening of the text where there is no title."""
    title = restore_d(unicodedata.normalize("NFC", item.title[:_TITLE] or item.summary[:160] or item.text[:160]))
    site = _SITE.search(title)
    if site and (len(title) - len(site.group()) >= 12) and _is_site(site.group()[3:], item):
        title = title[: site.start()]
        again = _SITE.search(title)  # "… - NVIDIA (NASDAQ:NVDA) - Benzinga"
        if again and _TICKER.search(again.group()):
            title = title[: again.start()]
    return re.sub(r"\s+", " ", _TICKER.sub(" ", title)).strip(" -–|:;,")


def _is_site(tail: str, item: Item) -> bool:
    """True where a headline's last part names who publishes it. An English one may be any name in capitals; in a Vietnamese one the dash
    joins names ("Lào - Campuchia")."""
    if is_publisher(tail, (item.source, _host(item.url))):
        return True
    if item.lang == "vi" or not tail.isascii():
        return False
    return not any(word[0].islower() and word not in _SMALL and "." not in word for word in tail.split())


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # what a feed calls an address
        return ""


def opening(item: Item) -> list[str]:
    """The first sentences of summary and text, without the site's own words."""
    both = item.text if item.text[:80] == item.summary[:80] else item.summary + "\n" + item.text
    whole = restore_d(unicodedata.normalize("NFC", both[: _LEAD * 2]))
    kept, size = [], 0
    for sentence in _SENTENCE.split(whole):
        plain = sentence.strip()
        if len(plain) < 12:
            continue
        low = plain.lower()
        if any(words in low for words in _CHROME):
            continue
        kept.append(_TICKER.sub(" ", plain) if _may_have_ticker(plain) else plain)
        size += len(plain)
        if size > _LEAD:
            break
    return kept


def is_chrome(sentence: str) -> bool:
    """True for a site's own words (consent, tips, log-in) in place of an article's."""
    low = sentence.lower()
    return any(words in low for words in _CHROME)


def _may_have_ticker(text: str) -> bool:
    return "(" in text or "$" in text or ":" in text


def read_traits(item: Item, match: Match, when: datetime, chrome: frozenset[int] = frozenset()) -> Features:
    """What of this item is compared. `when` is aware; sentences whose hash is in `chrome` are left out."""
    title = headline(item)
    sentences = opening(item)
    hashes = tuple(zlib.crc32(sentence.encode()) for sentence in sentences[:_MARKED])
    sentences = [sentence for sentence, mark in zip_longest(sentences, hashes) if mark not in chrome]
    lead = " ".join(sentences)[:_LEAD]
    lang = match.lang or item.lang or "en"
    title_tokens, lead_tokens = tokens(title), tokens(lead)
    entities = entities_called(match)
    called = entity_spans(title, entities)
    title_terms, lead_terms = named_terms(title_tokens, called), named_terms(lead_tokens, entity_spans(lead, entities))
    title_terms = [one for one in title_terms if not is_money(one[1])]
    names, perhaps, wholes = title_names(title, title_tokens, title_terms, lead_tokens)
    in_title, in_lead = figures(title, lang), figures(lead, lang)
    told = [
        fold(party.name.lower()) for event in match.events for party in (*event.actors, *event.targets) if isinstance(party, UnknownName)
    ]
    parties = [word for name in told for word in name.split() if len(word) > 2]
    opened = [term for term, token in lead_terms if not token.text.isdigit() and not is_common(term) and not is_money(token)]
    low = title.lower()
    move = None
    if may_move(low):
        move = read_move(low, lead[:400].lower(), companies(title_tokens, called), days=in_title.days, when=when, lang=lang)
    concepts = frozenset(term for term, _ in title_terms if is_concept(term))
    return Features(
        when=when,
        lang=lang,
        publisher=(item.source or item.feed).lower(),
        title=_unique([term for term, token in title_terms if not token.text.isdigit()] + sorted(in_title.all())),
        lead=_unique(opened[:_LEAD_TERMS] + parties + sorted(in_lead.all())),
        names=names,
        perhaps=perhaps,
        known=_unique([term for term, token in (*title_terms, *lead_terms) if token.capital and not is_concept(term)]),
        wholes=in_several_words((*wholes, *whole_names(lead_tokens, lead_terms))),
        quarters=concepts & _QUARTERS,
        places=concepts & _PLACES,
        happenings=frozenset(event.type for event in match.events),
        scenes=scenes(title, match),
        title_figures=in_title,
        lead_figures=in_lead,
        shingles=_shingles(lead_tokens),
        sentences=hashes,
        move=move,
    )


def _unique(words: list[str]) -> tuple[str, ...]:
    return tuple(sys.intern(word) for word in dict.fromkeys(words))


def _shingles(words: list[Word]) -> array[int]:
    """The lowest hashes of the runs of four words: the same sample from a copy, a cut copy or a padded one."""
    plain = [token.word for token in words]
    runs = {zlib.crc32(" ".join(plain[at : at + _SHINGLE]).encode()) for at in range(len(plain) - _SHINGLE + 1)}
    return array("I", sorted(runs)[:KEPT_SHINGLES])
