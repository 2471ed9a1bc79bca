"""Limits of posts and mails, counted under keyed hashes that expire."""
