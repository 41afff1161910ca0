"""Drafts a watch from documents about any story: its entities, their relations, the events, and rules.

    documents ─► plain text ─► sentences ─► occurrences of names ─► candidates (spellings joined) ─► kinds and relations
                                                                                                          │
    entities.toml, rules.toml ◄─ toml_writer ◄─ draft: entities, events (by the caller's function), rules ◄┘

A person reviews the draft. The knowledge of language is in lexicon.toml and countries.toml, which contain no watched names.
"""
