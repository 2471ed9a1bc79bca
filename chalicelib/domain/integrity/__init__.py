"""The tally, and what of it the public is shown."""
