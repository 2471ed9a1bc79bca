"""Sending an update to its subscribers: fan-out, chunks, copies, recovery."""
