"""Subscribing to alerts, leaving them, and blocking all mails."""
