"""The parts of the command ``decode``: from text to bytes, to fields, to words, to the screen."""
