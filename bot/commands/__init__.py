"""Commands of chats: receiver.py stores updates, update.py parses them, context.py authorises users; each command has its own file.

    Telegram ─► keep (database) ─► forget at Telegram ─► who asks, may they? ─► fetch (network, files) ─► read or write (database)
                                                                                                             │ one transaction:
                                                          outbox ◄─ rows of `deliveries` ◄───────────────────┘ effect, answer, "handled"

Responses go through the outbox like all messages, which handles rate limits, lost answers and restarts.
"""
