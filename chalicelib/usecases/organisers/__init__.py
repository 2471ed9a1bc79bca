"""Organisers enter the desk, keep their accounts, and give each other roles."""
