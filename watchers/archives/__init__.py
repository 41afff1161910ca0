"""Archives: files and folders of old items, read back as items.

    path ─► sources (files, folders, members of containers) ─► chunks (cheap to find) ─► chunk items (the work)

`source` opens and decompresses, `formats` detects the format by content, and one module per format splits a source into chunks and reads
them. A chunk is a value that can be sent to another process. Reading it returns ChunkItems: the items that may match, and counts and
reasons for the other records.
"""
