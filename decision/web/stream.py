"""Server-sent events: tells every open page which subjects changed, and nothing of what they are.

A page that hears of its subject asks for itself again, so that one place decides what a person
may see. Changes that come faster than a page reads them are told once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response, StreamingResponse

from decision.web.context import Asked
from decision.web.routes import Problem

KEEP_ALIVE_S: Final = 15.0
MOST_PAGES: Final = 500


class _Page:
    """One open page: what it has not been told yet, oldest first."""

    def __init__(self) -> None:
        self.changed: dict[str, int] = {}
        self.has_news = asyncio.Event()


class Stream:
    """All open pages. Lives on one event loop; ``tell`` may be called from any thread."""

    def __init__(self) -> None:
        self._pages: set[_Page] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def tell(self, subject: str, seq: int) -> None:
        """Say that a subject changed (``incident/<id>`` ...) by the fact with this number."""
        if self._loop is not None:
            # The loop may have ended between two lines of another thread.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._tell, subject, seq)

    def _tell(self, subject: str, seq: int) -> None:
        for page in self._pages:
            page.changed[subject] = seq
            page.has_news.set()

    def close(self) -> None:
        """End every stream, so that the server can end."""
        self._is_closed = True
        for page in self._pages:
            page.has_news.set()

    async def open(self, asked: Asked) -> Response:
        """Handle ``GET /stream``."""
        del asked
        if len(self._pages) >= MOST_PAGES:
            raise Problem(503, f"{MOST_PAGES} pages are open already.")
        self._loop = asyncio.get_running_loop()
        return StreamingResponse(
            self._events(),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},  # a proxy in front must not hold lines back
        )

    async def _events(self) -> AsyncIterator[str]:
        page = _Page()
        self._pages.add(page)
        try:
            yield "retry: 2000\n\n"
            while not self._is_closed:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        await page.has_news.wait()
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                page.has_news.clear()
                changed, page.changed = page.changed, {}
                for subject, seq in changed.items():
                    line = "".join(subject.split())
                    yield f"event: changed\ndata: {line} {seq}\n\n"
        finally:
            self._pages.discard(page)
