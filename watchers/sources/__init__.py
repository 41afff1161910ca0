"""The kinds of sources that are polled: feeds, sitemaps, GDELT queries, pages; and the articles behind items."""
