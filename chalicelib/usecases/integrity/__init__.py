"""Counting signatures from the stream, and reconciling the count."""
