"""Rendering of pages and mails in every language, from compiled templates."""
