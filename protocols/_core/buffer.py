"""What is kept of a frame that has not come whole yet: how much of it, and for how long."""

from __future__ import annotations


class PartialFrame:
    """The beginning of a frame, bounded in size and in time (REL-24, REL-25).

    The time runs from the first byte, so that a peer that drips bytes gains nothing.

    Attributes:
        data: The bytes held; empty while nothing is.
        deadline: When they are given up, in monotonic seconds; None while nothing is held.
    """

    __slots__ = ("_limit_bytes", "_timeout_s", "data", "deadline")

    def __init__(self, *, limit_bytes: int, timeout_s: float) -> None:
        self._limit_bytes = limit_bytes
        self._timeout_s = timeout_s
        self.data = b""
        self.deadline: float | None = None

    def hold(self, data: bytes, *, now: float, since: float | None = None) -> bytes:
        """Keep the beginning of a frame; return what had to be thrown out of its front.

        ``since`` is the deadline of the same frame when less of it was held: its time runs on.
        """
        excess = max(0, len(data) - self._limit_bytes)
        self.data = data[excess:]
        self.deadline = now + self._timeout_s if since is None else since
        return data[:excess]

    def take(self) -> bytes:
        """Hand out what is held, and forget it and its deadline."""
        data, self.data = self.data, b""
        self.deadline = None
        return data

    def is_overdue(self, now: float) -> bool:
        """Tell whether the time of what is held has run out."""
        return self.deadline is not None and now >= self.deadline
