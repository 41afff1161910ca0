"""Fetches and reads sources, matches their items against the seeds, and groups the items into stories."""

from watchers.own_packages import require_own

require_own("seeds")
