"""Values that all watchers share: items, polls, records."""
