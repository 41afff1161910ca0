"""Backfill: archives matched with today's rules.

    paths ─► chunks (main process, cheap) ─► executor: worker processes or a Dask cluster ─► items with hits, in order ─► one writer
                                               read, scan, parse, match                     hits and position in one transaction

`worker` processes a chunk, `executors` and `dask_executor` run the workers, `run` drives the run and writes, `bot.store.backfills` stores
the position from which to resume.
"""
