"""Blind indexes, sealed records, links and mails of a person."""
