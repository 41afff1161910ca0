"""Defines `seedwatch backfill`: archives matched with today's rules, and the rules over what is stored."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import (
    CommandContext,
    ConfigOption,
    DbOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    exit_with_error,
    open_context,
    print_json,
    print_status,
)
from bot.cli.progress import archive_progress
from bot.cli.read_options import known_day

if TYPE_CHECKING:
    from bot.backfill.executors import ChunkExecutor
    from bot.backfill.run import BackfillCounts
    from bot.backfill.worker import MatchJob
    from bot.store import Store
    from bot.store.items import MatchedItem


class DeliveryMode(StrEnum):
    """What becomes of the hits beside being stored."""

    none = "none"
    digest = "digest"


def backfill(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH…", help="Files, folders, glob patterns, web addresses, or - for stdin.")
    ] = None,
    since: Annotated[str, typer.Option(metavar="DATE", help="Only items from this day on.")] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="Only items up to and including this day.")] = "",
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="Format of the archive, if its content does not show it.")] = "",
    columns: Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Maps a column to a field of an item.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Number of worker processes.")] = 1,
    cluster: Annotated[str, typer.Option(metavar="ADDRESS", help="A Dask scheduler, or local.")] = "",
    deliver: Annotated[DeliveryMode, typer.Option(help="digest: the next digest includes the hits.")] = DeliveryMode.none,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    stored: Annotated[bool, typer.Option("--stored", help="Match the stored items again with today's rules.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write a report of all stored hits.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Match archives with today's rules and store the hits; send nothing unless told to. Resumes where an earlier run was stopped.

    \b
    Example:
      seedwatch backfill news-2024.jsonl.zst archive/ --workers 2 --report report.html
    """
    if not paths and not stored and report is None:
        exit_with_error("expected a PATH to read, --stored, or --report FILE.html", 2)
    context = open_context(config, db, verbose, quiet)
    job = _job(context, since, until, columns or [], form, explain=report is not None)
    origin = "digest" if deliver is DeliveryMode.digest else "backfill"
    with _opened(context, needed=not dry_run or stored or report is not None) as store:
        written = None if dry_run else store
        tally = None
        if paths:
            options = BackfillOptions(workers, cluster, form, origin, as_json=as_json, quiet=quiet, verbose=bool(verbose))
            tally = _read(context, job, paths, written, options)
        if stored and store is not None:
            _replay(job, store, write=not dry_run, as_json=as_json)
        if report is not None and store is not None:
            from bot.web.backfill_report import write_report

            try:
                write_report(report, store, job.seeds, now=job.now, missed=tally.missed if tally else {})
            except OSError as error:
                exit_with_error(f"--report: {report}: cannot be written: {error.strerror or error}", 1)
            print_status(f"report: {report}")
        if tally is not None and tally.nothing_read:
            name, reason = tally.refused[0] if tally.refused else (tally.broken[0].name, tally.broken[0].reason)
            exit_with_error(f"nothing could be read: {name}: {reason}", 1)
        if tally is not None and tally.mostly_broken:
            exit_with_error(f"{tally.broken_count:,} of {tally.read:,} records are broken, more than could be read", 1)


class BackfillOptions:
    """How archives are read."""

    def __init__(self, workers: int, cluster: str, form: str, origin: str, *, as_json: bool, quiet: bool, verbose: bool) -> None:
        self.workers, self.cluster, self.form, self.origin, self.as_json, self.quiet = workers, cluster, form, origin, as_json, quiet
        self.verbose = verbose


def _job(context: CommandContext, since: str, until: str, columns: list[str], form: str, *, explain: bool) -> MatchJob:
    from bot.backfill.worker import MatchJob
    from bot.clock import SystemClock
    from watchers.archives.field_mapping import FIELDS
    from watchers.archives.formats import CHOICES

    if form and form not in CHOICES:
        exit_with_error(f"--format: expected one of {', '.join(CHOICES)}, got {form!r}", 2)
    pairs = []
    for one in columns:
        field, _, column = one.partition("=")
        if field not in FIELDS or not column:
            exit_with_error(f"--map: expected FIELD=COLUMN with a field of {', '.join(FIELDS)}, got {one!r}", 2)
        pairs.append((field, column))
    begin, end = _day("--since", since), _day("--until", until, after=True)
    if begin is not None and end is not None and begin >= end:
        exit_with_error(f"--since: expected a date that is not after --until {until}, got {since}", 2)
    match = context.config.match
    return MatchJob(
        context.seeds(), match.salience, tuple(match.languages), match.spacy_model, SystemClock().now(), tuple(pairs), begin, end, explain
    )


def _day(option: str, text: str, *, after: bool = False) -> datetime | None:
    from datetime import UTC

    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        exit_with_error(f"{option}: expected a date like 2024-12-05, got {text!r}", 2)
    known_day(found.date(), option)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found + timedelta(days=1) if after and len(text) <= len("2024-12-05") else found


@contextmanager
def _opened(context: CommandContext, *, needed: bool) -> Iterator[Store | None]:
    from bot.store import Store, StoreError

    if not needed:
        yield None
        return
    try:
        store = Store.open(context.database)
    except StoreError as error:
        exit_with_error(str(error), 1)
    try:
        yield store
    finally:
        store.close()


def _crew(job: MatchJob, run: BackfillOptions) -> ChunkExecutor:
    from bot.backfill.executors import ClusterUnavailableError, InlineExecutor, ProcessPoolChunkExecutor

    if run.cluster:
        from watchers.extras import install_hint

        try:
            from bot.backfill.dask_executor import Cluster
        except ImportError:
            exit_with_error(f"--cluster needs {install_hint('cluster')}", 2)
        try:
            return Cluster(job, run.cluster, run.workers, report=print_status)
        except ClusterUnavailableError as error:
            exit_with_error(f"--cluster: {error}", 1)
        except (OSError, ValueError, ImportError) as error:  # Dask says with an ImportError that versions do not go together
            exit_with_error(f"--cluster: no scheduler at {run.cluster}: {error}", 1)
    return ProcessPoolChunkExecutor(job, run.workers) if run.workers > 1 else InlineExecutor(job)


def _read(context: CommandContext, job: MatchJob, paths: list[str], store: Store | None, run: BackfillOptions) -> BackfillCounts:
    from bot.backfill.download import all_sources, size_of
    from bot.backfill.executors import ClusterUnavailableError
    from bot.backfill.run import Backfill
    from bot.clock import SystemClock
    from bot.export.records import match_record
    from bot.store.search import fill

    def report_match(found: MatchedItem) -> None:
        if run.as_json and found.match is not None:
            record = match_record(found.item, found.match, identity=found.item.guid)
            print_json({"archive": found.item.feed, "url": found.item.url, "title": found.item.title, **record})

    started = time.monotonic()
    crew = _crew(job, run)
    try:
        work = Backfill(job, crew, store, window=context.config.stories.window, origin=run.origin, archive_format=run.form)
        with archive_progress(size_of(paths), quiet=run.quiet) as show:
            tally = work.run(all_sources(paths), now=SystemClock().now, on_match=report_match, on_progress=show)
    except ClusterUnavailableError as error:
        exit_with_error(f"--cluster: {error}; what was read is stored, and the next run goes on there", 1)
    except KeyboardInterrupt:
        print_status("stopped" if store is None else "stopped; what was read is stored, and the next run goes on there")
        raise
    finally:
        crew.close()
    while store is not None and fill(store):
        pass
    _summary(tally, time.monotonic() - started, as_json=run.as_json, quiet=run.quiet, verbose=run.verbose, dry=store is None)
    return tally


def _summary(tally: BackfillCounts, seconds: float, *, as_json: bool, quiet: bool, verbose: bool, dry: bool) -> None:
    shown: dict[str, Any] = {
        "sources": tally.sources, "known": tally.known, "read": tally.read, "parsed": tally.candidates, "matched": tally.matched,
        "new": tally.new, "hits": tally.hits, "skipped": dict(tally.skipped), "broken": tally.broken_count,
        "repaired": tally.repaired_count,
        "refused": [{"file": name, "reason": reason} for name, reason in tally.refused],
        "first_broken": [{"file": broken.name, "offset": broken.offset, "reason": broken.reason} for broken in tally.broken[:20]],
        "megabytes": round(tally.size / 1e6, 1), "seconds": round(seconds, 1),
    }  # fmt: skip
    if as_json:
        print_json({"summary": shown})
        return
    # Where nothing was read, the first of these is what the command ends with.
    for name, reason in tally.refused[1 if tally.nothing_read else 0 :]:
        print_status(f"{name}: {reason}")
    for broken in tally.broken[1 if tally.nothing_read and not tally.refused else 0 : 10]:
        print_status(f"{broken.name}: at {broken.offset}: {broken.reason}")
    if tally.broken_count > 10:
        print_status(f"… and {tally.broken_count - 10:,} more broken records")
    for repaired in tally.repaired if verbose else ():
        print_status(f"{repaired.name}: at {repaired.offset}: repaired: {repaired.reason}")
    if quiet:
        return
    megabytes = f"{tally.size / 1e6:,.1f} MB"
    records = "record" if tally.read == 1 else "records"
    sys.stdout.write(f"{tally.read:,} {records} read in {seconds:,.1f} s ({megabytes}); {tally.candidates:,} looked at closely\n")
    for reason, count in tally.skipped.most_common():
        sys.stdout.write(f"{count:,} skipped: {reason}\n")
    if tally.broken_count:
        sys.stdout.write(f"{tally.broken_count:,} broken\n")
    if tally.repaired_count:
        sys.stdout.write(f"{tally.repaired_count:,} repaired\n")
    if tally.known:
        sys.stdout.write(f"{tally.known:,} of {tally.sources:,} files were read before with the same rules\n")
    told = "" if dry else f", {tally.new:,} of them new: {tally.hits:,} hits stored"
    sys.stdout.write(f"{tally.matched:,} {'item matches' if tally.matched == 1 else 'items match'}{told}\n")


def _replay(job: MatchJob, store: Store, *, write: bool, as_json: bool) -> None:
    from bot.backfill.replay import Change, replay, write_appeared
    from watchers.match.matcher import Matcher

    matcher = Matcher(job.seeds, salience=job.salience, languages=job.languages, spacy_model=job.spacy_model)
    appeared: list[Change] = []
    gone = 0
    for change in replay(store, matcher, since=job.since, until=job.until):
        said = "appears" if change.hit else "disappears"
        if as_json:
            print_json({"change": said, "item": change.item_id, "rule": change.rule, "title": change.item.title, "url": change.item.url})
        else:
            sys.stdout.write(f"{'+' if change.hit else '-'} {change.rule:<24} {change.item.title or change.item.url}\n")
        if change.hit:
            appeared.append(change)
        else:
            gone += 1
    if write:
        write_appeared(store, appeared, job.now)
    print_status(f"{len(appeared):,} hits appear{'' if write else ' (not stored)'}, {gone:,} would be gone (they stay: they were told)")
