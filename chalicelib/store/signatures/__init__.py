"""The table of signatures."""
