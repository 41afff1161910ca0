"""Backfill: archives matched with today's rules.

    paths ─► chunks (main process, cheap) ─► crew: worker processes or a Dask cluster ─► items with hits, in order ─► one writer
                                               read, scan, parse, match                  hits + place in one transaction

`task` is what a worker does, `crew` who does it, `run` drives and writes, `places` remembers how far it came.
"""
