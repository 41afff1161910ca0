"""From bytes to entries: RSS, Atom, JSON Feed, within limits of time and memory."""
