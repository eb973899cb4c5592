"""One TLS connection: a raw stream on the one side, a session on the other.

The event loops' own TLS would do, but it computes handshakes on the loop, and it holds a buffer
of 256 KiB per connection: 4 GB for the 15,000 that we take. This one holds what is in flight.

::

    raw stream --bytes--> TlsWire --handshake--> Offload (a thread)
                            |  ^
                       text v  | text
                           Session
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

from hardware.session import Session
from hardware.tls import TlsServer, peer_names, refusal
from hardware.wire import Wire

READ_BYTES: Final = 65_536
HELLO: Final = 0x16
"""First byte of every TLS connection: a handshake record (RFC 8446, 5.1)."""

HANDSHAKE_BYTES: Final = 65_536
"""Most that a handshake with a chain of certificates takes; more is junk (ours)."""

KEPT_BYTES: Final = 256  # of what came, to show with a refusal

_WORDS: Final = {
    "plain_text": "plain bytes came to a TLS port; set the panel to TLS or to the plain port",
    "version_too_old": "the panel offers no TLS 1.2; update it or let it use the plain port",
    "no_shared_cipher": "the panel offers no cipher suite that is safe to use",
    "certificate_missing": "the panel showed no certificate, and this input wants one",
    "certificate_expired": "the panel's certificate has expired",
    "certificate_not_yet_valid": "the panel's certificate is not valid yet; compare the clocks",
    "certificate_untrusted": "the panel's certificate comes from none of our authorities",
    "own_certificate_refused": "the panel does not trust our certificate; give it our authority",
    "overloaded": "there was no thread to compute the handshake in",
    "handshake_late": "the handshake was not through in time",
    "handshake_oversized": "more came than a handshake takes",
    "handshake_broken": "these bytes are no handshake",
}


class TlsWire(asyncio.Protocol):
    """See the module's first lines. Its session hears of the stream once it is safe."""

    __slots__ = (
        "_early",
        "_heard_bytes",
        "_incoming",
        "_is_closed",
        "_is_ready",
        "_is_stepping",
        "_kept",
        "_object",
        "_outgoing",
        "_raw",
        "_session",
        "_tls",
    )

    def __init__(self, session: Session, tls: TlsServer) -> None:
        self._session = session
        self._tls = tls
        self._raw: Wire | None = None
        # Whoever connects and says nothing costs no TLS state.
        self._object: ssl.SSLObject | None = None
        self._incoming: ssl.MemoryBIO | None = None
        self._outgoing: ssl.MemoryBIO | None = None
        self._early = b""
        self._kept = b""
        self._heard_bytes = 0
        self._is_stepping = False
        self._is_ready = False
        self._is_closed = False

    # -- the raw stream drives these -----------------------------------------------------

    def connection_made(self, transport: Wire) -> None:  # type: ignore[override]  # narrower face
        """The stream is open; nothing is said before the panel's hello."""
        self._raw = transport
        if self._is_closed:  # cut before it was there
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes came: of the handshake, or sealed text."""
        if self._is_closed:
            return
        try:
            if not self._is_ready:
                self._shake(data)
            elif self._incoming is not None:
                self._incoming.write(data)
                self._read()
        except Exception as error:  # noqa: BLE001  (REL-29: this link alone fails)
            self._fail(error)

    def eof_received(self) -> bool:
        """The peer closed its side of the raw stream."""
        return self._is_ready and not self._is_closed and self._session.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is gone."""
        if not self._is_closed and not self._is_ready:
            self._session.count("tls_refused:hung_up")
        self._is_closed = True
        self._session.connection_lost(exc)

    def pause_writing(self) -> None:
        """See ``Session``."""
        self._session.pause_writing()

    def resume_writing(self) -> None:
        """See ``Session``."""
        self._session.resume_writing()

    # -- the session drives these: see ``Wire`` ------------------------------------------

    def write(self, data: bytes) -> None:
        """Seal and send."""
        if self._object is None or self._is_closed:
            return
        try:
            self._object.write(data)
        except ssl.SSLError:
            self.abort()
            return
        self._flush()

    def pause_reading(self) -> None:
        """See ``Wire``."""
        if self._raw is not None:
            self._raw.pause_reading()

    def resume_reading(self) -> None:
        """See ``Wire``."""
        if self._raw is not None:
            self._raw.resume_reading()

    def close(self) -> None:
        """Say goodbye, then close."""
        if self._raw is None:
            return
        if self._is_ready and not self._is_closed and self._object is not None:
            # Our goodbye goes out; the peer's is not waited for.
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()
            self._flush()
        self._raw.close()

    def abort(self) -> None:
        """Close at once."""
        if self._raw is not None:
            self._raw.abort()

    def is_closing(self) -> bool:
        """See ``Wire``."""
        return self._raw is None or self._raw.is_closing()

    # -- the listener drives this --------------------------------------------------------

    def cut(self, reason: str = "") -> None:
        """End a handshake that is under way, at once; ``reason`` is a counter's name."""
        if reason:
            self._refused(reason)
        self._is_closed = True
        self.abort()

    # -- inside --------------------------------------------------------------------------

    def _refused(self, reason: str) -> None:
        """Tell it, once."""
        if self._is_closed:
            return
        self._is_closed = True
        self._session.count(f"tls_refused:{reason}")
        self._session.reject(self._kept, f"tls_{reason}", _WORDS[reason])

    def _shake(self, data: bytes) -> None:
        if not self._heard_bytes and data[0] != HELLO:
            self._kept = data[:KEPT_BYTES]
            self.cut("plain_text")
            return
        self._heard_bytes += len(data)
        if len(self._kept) < KEPT_BYTES:
            self._kept = (self._kept + data)[:KEPT_BYTES]
        if self._heard_bytes > HANDSHAKE_BYTES:
            self.cut("handshake_oversized")
            return
        self._early += data
        if not self._is_stepping:
            self._step()

    def _step(self) -> None:
        """Let a thread compute the next step; until it is done nobody else touches the state."""
        if self._object is None:
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._object = self._tls.identity.context.wrap_bio(
                self._incoming, self._outgoing, server_side=True
            )
        if self._incoming is not None:
            self._incoming.write(self._early)
        self._early = b""
        self._is_stepping = True
        try:
            self._tls.offload(self._object.do_handshake, self._stepped)
        except RuntimeError:  # no thread to be had (REL-53)
            self.cut("overloaded")

    def _stepped(self, error: Exception | None) -> None:
        self._is_stepping = False
        if self._is_closed:
            return
        try:
            self._advance(error)
        except Exception as failure:  # noqa: BLE001  (REL-29)
            self._fail(failure)

    def _fail(self, error: Exception) -> None:
        self._session.fail(error)
        self._is_closed = True
        self.abort()

    def _advance(self, error: Exception | None) -> None:
        """Go on after a step of the handshake."""
        self._flush()
        if error is None:
            self._ready()
        elif not isinstance(error, ssl.SSLWantReadError):
            self._failed(error)
        elif self._early:
            self._step()

    def _failed(self, error: Exception) -> None:
        """Close gently: the alert that was just written tells the panel why."""
        self._refused(refusal(error))
        if self._raw is not None:
            self._raw.close()

    def _ready(self) -> None:
        self._is_ready = True
        self._kept = b""
        if self._object is not None:
            self._session.certified(peer_names(self._object))
        self._session.count("tls_established")
        self._session.connection_made(self)
        early, self._early = self._early, b""
        if self._incoming is not None and early:
            self._incoming.write(early)
        self._read()

    def _read(self) -> None:
        """Hand up all text that is whole."""
        wire = self._object
        if wire is None:
            return
        texts: list[bytes] = []
        is_over = False
        failure: ssl.SSLError | None = None
        try:
            while text := wire.read(READ_BYTES):
                texts.append(text)
            is_over = True  # the peer's goodbye
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            failure = error
        self._flush()
        if texts:
            self._session.data_received(b"".join(texts))
        if failure is not None:
            self._session.count("tls_broken")
            self.abort()
        elif is_over and not self._session.eof_received():
            self.close()

    def _flush(self) -> None:
        outgoing, raw = self._outgoing, self._raw
        if outgoing is not None and outgoing.pending and raw is not None and not raw.is_closing():
            raw.write(outgoing.read())
