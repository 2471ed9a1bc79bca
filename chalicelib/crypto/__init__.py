"""Sealing, tokens and proof of work."""
