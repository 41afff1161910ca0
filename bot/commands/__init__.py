"""What chats may say: updates.py receives and keeps, incoming.py reads, desk.py decides who may, a file a command answers.

    Telegram ─► keep (database) ─► forget at Telegram ─► who asks, may they? ─► fetch (network, files) ─► read or write (database)
                                                                                                             │ one transaction:
                                                          outbox ◄─ rows of `deliveries` ◄───────────────────┘ effect, answer, "handled"

Answers go through the outbox like every message, so limits, lost answers and restarts are its concern alone.
"""
