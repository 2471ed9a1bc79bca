"""Unsealing: an export is verified and opened on the organiser's machine."""
