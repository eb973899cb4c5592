"""The rules as tables and pure functions: no clock, no randomness, no input or output."""
