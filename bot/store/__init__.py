"""The database, a file a table. `Store` opens it, `StoreThread` owns the one connection that writes."""

from bot.store.store import Store, StoreError, from_iso, iso
from bot.store.writer import StoreThread

__all__ = ["Store", "StoreError", "StoreThread", "from_iso", "iso"]
