"""How much an item is about an entity."""
