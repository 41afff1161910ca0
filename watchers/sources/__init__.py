"""What can be polled: feeds, sitemaps, GDELT queries, pages."""
