"""Organisers at the desk: accounts, roles, sessions, approvals and the trail."""
