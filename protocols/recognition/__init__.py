"""Which family is being heard? Bytes in, those that fit out; no IO, no clock, no log.

Every family reads the same bytes with its own codec; who reads most of them as sound frames is
who is speaking. No second grammar of any format stands here.
"""

from protocols.recognition.connection import Found, Recognition
from protocols.recognition.reading import readings
from protocols.recognition.spoken import AUTO, AUTO_LINKS, spoken

__all__ = ["AUTO", "AUTO_LINKS", "Found", "Recognition", "readings", "spoken"]
