"""Functions for text: HTML to plain text, dates, language, publishers' names, folding for comparison."""
