"""Reading petitions, publishing them, counting them."""
