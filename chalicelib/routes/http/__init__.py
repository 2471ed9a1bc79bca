"""Requests, responses, and how a view becomes a route."""
