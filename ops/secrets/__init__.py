"""The secrets of the service: made, changed, and removed when nothing needs them."""
