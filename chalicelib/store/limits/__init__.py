"""The table of limits: counts under keyed hashes that expire, and the salts of blind indexes."""
