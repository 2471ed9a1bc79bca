"""Alerts and their chunks."""
