"""The web view: what `seedwatch serve` shows on 127.0.0.1. Reads the database, writes nothing, loads nothing from anywhere.

server.py (HTTP, access) ─► queries.py (values) ─► pages.py (values → contexts) ─► templates
"""
