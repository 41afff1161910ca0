"""Polling: a feed that is due is polled, planned, matched and written."""
