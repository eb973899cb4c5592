"""What happened, in order: a digest that tells two runs apart, and the last lines for people."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b

from tests.simulation.timeline import Timeline

TAIL_LINES = 120


class Trace:
    """Every line counts in the digest; only the last ones are kept, or all with ``keeps_all``."""

    def __init__(self, timeline: Timeline, *, keeps_all: bool = False) -> None:
        self._timeline = timeline
        self._digest = blake2b(digest_size=12)
        self.lines: deque[str] = deque(maxlen=None if keeps_all else TAIL_LINES)
        self.count = 0

    def __call__(self, who: str, what: str) -> None:
        """``who`` did ``what``, now."""
        line = f"{self._timeline.now:12.6f}  {who:<12} {what}"
        self.count += 1
        self._digest.update(line.encode("utf-8", "backslashreplace"))
        self.lines.append(line)

    def hash(self) -> str:
        """The digest of everything so far."""
        return self._digest.hexdigest()
