"""What can be typed after `zaklik`, one module a subject. Heavy imports wait for the command."""
