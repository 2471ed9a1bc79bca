"""The rules: pure functions and frozen values, without a clock, input, output or AWS."""
