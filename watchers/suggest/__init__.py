"""Drafts a watch from documents about any story: who is in it, how they hang together, what happened, and rules for it.

    documents ─► plain text ─► sentences ─► sightings of names ─► candidates (spellings joined) ─► kinds and relations
                                                                                                        │
    entities.toml, rules.toml ◄─ writing ◄─ draft: entities, events (through the caller's reader), rules ◄┘

A draft is for a person to review. What it knows of language stands in lexicon.toml and countries.toml; no watched name stands there.
"""
