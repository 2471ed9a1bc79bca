"""Petitions, their versions, updates and preview images, in the table of petitions."""
