"""Signing, confirming, the own page, moderation and data requests."""
