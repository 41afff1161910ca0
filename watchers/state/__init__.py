"""What is decided from a poll and what was known before it. Pure."""
