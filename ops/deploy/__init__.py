"""Deploys the service to AWS, tests it there, and removes it again."""
