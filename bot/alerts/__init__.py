"""Alerts: what a new hit causes in each chat, and the buttons under a message."""
