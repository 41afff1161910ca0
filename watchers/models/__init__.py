"""Values that all watchers share: items, poll results, JSON records."""
