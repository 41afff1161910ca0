"""Defines process_chunk, which reads and matches one chunk in any process and returns the items with hits.

Everything here can be pickled. A worker compiles the rules once per job.
"""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import Lock
from typing import Any

from bot.i18n.reasons import english
from bot.store.items import MatchedItem
from seeds.load import Seeds
from watchers.archives.byte_filter import prescan_of
from watchers.archives.chunk import BrokenRecord, Chunk, Place, ReadOptions
from watchers.archives.formats import read_chunk
from watchers.match.matcher import Matcher
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.state.identity import identities

_CACHED_MATCHES = 5_000
"""Number of matches a worker caches for items that occur again."""


@dataclass(frozen=True, slots=True)
class MatchJob:
    """The settings of a run. `key` identifies the job for workers that outlive it."""

    seeds: Seeds
    salience: float
    languages: tuple[str, ...]
    spacy_model: str
    now: datetime
    columns: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    explain: bool = False
    """Whether near misses of rules are counted, for the report."""

    def key(self) -> str:
        """Returns a hash of the rules and all settings that affect the result."""
        settings = repr((
            sorted((id_, rule.model_dump_json()) for id_, rule in self.seeds.rules.items()),
            sorted((id_, entity.model_dump_json()) for id_, entity in self.seeds.entities.items()),
            sorted((id_, event_type.model_dump_json()) for id_, event_type in self.seeds.events.items()),
            self.salience, self.languages, self.spacy_model, self.columns, self.since, self.until,
        ))  # fmt: skip
        return blake2b(settings.encode(), digest_size=12).hexdigest()


@dataclass(slots=True)
class ChunkResult:
    """The items with hits of a chunk, and counts."""

    name: str
    next: Place
    matched: list[MatchedItem] = field(default_factory=list)
    read: int = 0
    candidates: int = 0
    size: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[BrokenRecord] = field(default_factory=list)
    broken_count: int = 0
    repaired: list[BrokenRecord] = field(default_factory=list)
    repaired_count: int = 0
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(rule, missing condition): the number of items that missed the rule by this condition alone."""


class Worker:
    """Holds the compiled rules of a job."""

    def __init__(self, job: MatchJob) -> None:
        self.job = job
        self._matcher = Matcher(job.seeds, salience=job.salience, languages=job.languages, spacy_model=job.spacy_model)
        self._match_cache: dict[bytes, Match] = {}
        self._options = ReadOptions(job.now, prescan_of(job.seeds), dict(job.columns), job.since, job.until)
        # The compiled rules live as long as the worker: collections that scan them take a considerable share of matching.
        gc.collect()
        gc.freeze()

    def process(self, chunk: Chunk) -> ChunkResult:
        """Reads and matches a chunk."""
        chunk_items = read_chunk(chunk, self._options)
        result = ChunkResult(
            chunk.name, chunk.next, read=chunk_items.read, candidates=len(chunk_items.items), size=chunk_items.size,
            skipped=chunk_items.skipped, broken=chunk_items.broken, broken_count=chunk_items.broken_count,
            repaired=chunk_items.repaired, repaired_count=chunk_items.repaired_count,
        )  # fmt: skip
        keys = identities(chunk_items.items)
        for item, item_keys in zip(chunk_items.items, keys, strict=True):
            try:
                match = self._match(item)
            except Exception as error:  # one item must not end a run over millions of them; the failure is reported
                result.broken_count += 1
                problem = f"{item.url or item.guid or item.title[:60]}: matching failed: {type(error).__name__}: {error}"
                result.broken.append(BrokenRecord(chunk.name, chunk.start, problem))
                continue
            if match.hits:
                result.matched.append(MatchedItem(item, item_keys, match))
            for miss in match.misses:
                if len(miss.reasons) == 1 and match.mentions:
                    result.missed[miss.rule, english(miss.reasons)[0]] += 1
        return result

    def _match(self, item: Item) -> Match:
        """Returns the match of an item, from the cache if possible: archives of repeated polls list the same items hundreds of times."""
        source = item.feed.partition("!")[0]
        content = "\x1f".join((source, item.lang, item.title, item.summary, item.text, str(item.published), str(item.sponsored)))
        digest = blake2b(content.encode("utf-8", "replace"), digest_size=16).digest()
        match = self._match_cache.get(digest)
        if match is None:
            match = self._matcher.match(item, explain=self.job.explain, all_events=False)
            if len(self._match_cache) >= _CACHED_MATCHES:
                self._match_cache.clear()
            self._match_cache[digest] = match
        return match


_workers: dict[str, Worker] = {}
_process_lock = Lock()
"""Workers of a cluster may have several threads, but the scanner's scratch space and the cache are not thread-safe."""


def start_worker(job: MatchJob) -> None:
    """Compiles the rules in advance, so that the first chunk does not wait."""
    worker_of(job.key(), job)


def worker_of(key: str, job: MatchJob) -> Worker:
    """Returns this process's worker for a job; only one is kept."""
    if key not in _workers:
        _workers.clear()
        gc.unfreeze()
        _workers[key] = Worker(job)
    return _workers[key]


def process_chunk(key: str, chunk: Chunk, job: Any = None) -> ChunkResult:
    """Processes a chunk. A process pool starts its processes with the job; a cluster passes the job with each chunk."""
    with _process_lock:
        worker = _workers.get(key)
        if worker is None:
            worker = worker_of(key, job)
        return worker.process(chunk)
