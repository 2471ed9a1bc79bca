"""Reads the files that organisers write: petitions, updates, preview images."""
