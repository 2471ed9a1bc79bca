"""The rules. Pure functions and frozen values: no clock, no input or output, no AWS."""
