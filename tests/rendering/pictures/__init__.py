"""Pictures that come from a browser are held to strict rules."""
