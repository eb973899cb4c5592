"""Numbered schema files of the fact log; ``formats`` applies them in order."""
