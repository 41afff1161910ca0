"""Which items tell the same news: StoryIndex places each arriving item into a story, with its reasons.

words, figures, moves ─► traits (what of an item is compared) ─► compare (two items) ─► index (the stories of the window)
                                                                              └─ progress (what an item adds to what its story told)
"""

from watchers.stories.index import StoryAssignment, StoryIndex

__all__ = ["StoryAssignment", "StoryIndex"]
