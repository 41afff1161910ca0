"""The whole bot under every fault that a machine, a disk, a feed and Telegram can show, and the count of what reached the chats.

    python -m tests.scenarios.faults --kills 500        the full form, with figures; `make test` runs a sample of it
"""
