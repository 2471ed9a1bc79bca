"""Alerts, their chunks, and weekly digests."""
