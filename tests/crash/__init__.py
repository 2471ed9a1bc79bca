"""A whole alert by processes that are killed on the way, and one that survives as AWS."""
