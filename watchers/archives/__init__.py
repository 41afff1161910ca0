"""Archives: files and folders of old items, read back as items.

    path ─► sources (files, folders, members of containers) ─► chunks (where a piece lies, cheap) ─► read (bytes → items, the work)

`source` opens and unpacks, `walk` tells by content what something is; a module a format cuts it into chunks and reads a chunk. A chunk is a
value that travels to another process; reading one gives a Haul: items that may matter, and counts and reasons for the rest.
"""
