"""Sealing, tokens in links, and proof of work."""
