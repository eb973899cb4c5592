"""Commented example configurations; they travel in the wheel."""
