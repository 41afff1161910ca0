"""Sentences, names, money, dates and cue words of both languages."""
