"""The web view: what `seedwatch serve` shows on 127.0.0.1. Reads the database, writes nothing, loads nothing from anywhere.

server.py (HTTP, who may ask) ─► reads.py (the database) ─► pages.py (values → page) ─► html.py (escaping)
"""
