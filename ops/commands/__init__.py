"""What can be typed after `zaklik`, one module a subject."""
