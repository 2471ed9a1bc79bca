"""Email addresses, their providers, and what can be wrong with them."""
