"""Text: HTML, dates, languages, publishers, folding."""
