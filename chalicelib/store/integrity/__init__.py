"""Tallies and public figures, in the table of petitions."""
