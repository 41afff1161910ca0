"""Digests: what a period brought, chosen, put into words and sent once."""
