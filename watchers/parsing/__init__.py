"""Parses the bytes of RSS, Atom and JSON feeds to items, within limits of time and memory."""
