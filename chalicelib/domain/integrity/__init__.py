"""The tally, and the public figures made from it."""
