"""Recovery of an organiser's key from paper: codes that people copy, and the sheet to print."""
