"""Puts the service on AWS, looks whether it works there, and takes it away again."""
