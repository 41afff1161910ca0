"""Names of entities in a text, and the conditions under which they count."""
