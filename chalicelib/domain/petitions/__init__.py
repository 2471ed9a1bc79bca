"""A petition, its amendments and its updates."""
