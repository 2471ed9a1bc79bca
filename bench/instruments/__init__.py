"""Recorders, timers, a service on moto, the packaged functions, and the chapters of a report."""
