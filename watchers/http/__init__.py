"""The HTTP client for feeds: limits, redirects, validators, robots.txt, address rules."""
