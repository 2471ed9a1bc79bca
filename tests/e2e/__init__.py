"""Deploys the package that users deploy to an engine on this machine, and drives the whole demo."""
