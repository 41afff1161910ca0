"""A story as messages, digests and pages show it."""
