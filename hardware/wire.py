"""The way out of a stream: what a session uses of a transport, whatever it is made of."""

from __future__ import annotations

from typing import Protocol


class Wire(Protocol):
    """The narrow face of an ``asyncio.Transport``; ports and the null modem have it too."""

    def write(self, data: bytes) -> None:
        """Send; never waits."""
        ...

    def pause_reading(self) -> None:
        """Take no more bytes from the peer for now."""
        ...

    def resume_reading(self) -> None:
        """Take them again."""
        ...

    def close(self) -> None:
        """Send what was written, then close."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        ...
