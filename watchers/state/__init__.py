"""Decisions from a poll result and the earlier state: new items, next poll, health of a feed, WebSub subscriptions. Pure."""
