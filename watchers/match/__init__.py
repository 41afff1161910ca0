"""Matching: from an item to mentions, events, salience and hits. Pure."""
