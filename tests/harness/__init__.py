"""Harnesses that hold the gateway to its promise from outside, each in three sizes (A1 to A14)."""
