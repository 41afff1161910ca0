"""Events: patterns, arguments, status, attribution and selection."""
