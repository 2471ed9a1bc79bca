"""Exports of sealed signatures."""
