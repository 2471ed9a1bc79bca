"""Routes: an event in, one use case, a response out. No rules, no AWS."""
