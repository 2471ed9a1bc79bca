"""What organisers do at the desk, in the table of organisers."""
