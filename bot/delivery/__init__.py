"""Delivery: from rows of `deliveries` to the chat services."""
