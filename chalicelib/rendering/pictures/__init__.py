"""Makes pictures safe with the standard library alone, as they come from a browser."""
