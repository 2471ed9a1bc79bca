"""The desk: pages for organisers, who are signed in."""
