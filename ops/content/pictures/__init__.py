"""Makes the pictures of petitions: safe, without marks of their makers, and small."""
