"""Who we are to panels that call over TLS, and who they must be: certificates, keys, versions."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from cryptography import x509

HANDSHAKE_S: Final = 10.0  # a handshake that is not through by then is cut (SEC-10)
HANDSHAKE_THREADS: Final = 2
"""A handshake takes 0.3 ms (P-256) to 1.5 ms (RSA 2048) of arithmetic: off the event loop, where
a thousand panels that reconnect would hold up every answer for a second."""

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others."""

_NOT_BEFORE: Final = 9  # X509_V_ERR_CERT_NOT_YET_VALID
_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED

_REASONS: Final = {
    "HTTP_REQUEST": "plain_text",
    "HTTPS_PROXY_REQUEST": "plain_text",
    "UNSUPPORTED_PROTOCOL": "version_too_old",
    "WRONG_VERSION_NUMBER": "version_too_old",
    "VERSION_TOO_LOW": "version_too_old",
    "NO_SHARED_CIPHER": "no_shared_cipher",
    "NO_SUITABLE_SIGNATURE_ALGORITHM": "no_shared_cipher",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "certificate_missing",
    "TLSV1_ALERT_UNKNOWN_CA": "own_certificate_refused",
    "SSLV3_ALERT_BAD_CERTIFICATE": "own_certificate_refused",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "own_certificate_refused",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "own_certificate_refused",
}
"""OpenSSL's reason -> ours: few, since they become counters."""


class TlsError(ValueError):
    """Certificates or keys that cannot be used; says which file and why."""


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Where the certificates of one listener stand."""

    cert_file: Path
    """Ours, followed by those in between up to the authority that panels know; PEM."""
    key_file: Path
    client_ca_file: Path | None = None
    """Authorities of the panels' certificates; None: nobody is asked for one."""
    is_client_required: bool = True
    """Whether a panel without a certificate is turned away."""


class Offload(Protocol):
    """Runs work elsewhere than on the event loop."""

    def __call__(
        self, work: Callable[[], object], done: Callable[[Exception | None], None]
    ) -> None:
        """Run ``work``, then ``done`` on the loop with what it raised."""
        ...


class TlsIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Certificates as they were read."""

    context: ssl.SSLContext
    subject: str
    """Whose certificate it is."""
    expires_at: datetime
    """When the first certificate of our chain ends; aware."""


class TlsServer:
    """What all TLS connections of one listener share.

    Attributes:
        identity: What new connections use; put another in its place at any time.
        offload: Where handshakes are computed.
    """

    def __init__(self, identity: TlsIdentity, offload: Offload) -> None:
        self.identity = identity
        self.offload = offload


def read_identity(files: TlsFiles) -> TlsIdentity:
    """Read the certificates; reads files, so not on the event loop of a running gateway.

    Raises:
        TlsError: Which file cannot be used, and why.
    """
    chain = chain_of(files.cert_file)
    return TlsIdentity(
        context=server_context(files),
        subject=chain[0].subject.rfc4514_string(),
        expires_at=min(one.not_valid_after_utc for one in chain),
    )


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """The settings for panels that call; raises ``TlsError``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    # No tickets: each connection shows its certificate anew, so one that was withdrawn or has
    # expired does not live on in a resumed session. No renegotiation: arithmetic at their word.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    try:
        context.load_cert_chain(files.cert_file, files.key_file, password=_no_password)
    except TlsError as error:
        raise TlsError(f"key_file {files.key_file}: {error}") from None
    except (OSError, ssl.SSLError) as error:
        raise TlsError(
            f"cert_file {files.cert_file}, key_file {files.key_file}: {_words(error)}"
        ) from error
    if files.client_ca_file is not None:
        try:
            context.load_verify_locations(files.client_ca_file)
        except (OSError, ssl.SSLError) as error:
            raise TlsError(f"client_ca_file {files.client_ca_file}: {_words(error)}") from error
        required = files.is_client_required
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    return context


def chain_of(cert_file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file, ours first; raises ``TlsError``."""
    try:
        return x509.load_pem_x509_certificates(cert_file.read_bytes())
    except (OSError, ValueError) as error:
        raise TlsError(f"cert_file {cert_file}: {_words(error)}") from error


def peer_names(connection: ssl.SSLObject) -> tuple[str, ...]:
    """By what names a verified certificate can be bound to an account; empty without one.

    ``cn:`` common name, ``dns:``, ``uri:``, ``ip:`` alternative names, ``sha256:`` fingerprint.
    """
    verified: dict[str, Any] | None = connection.getpeercert()
    raw = connection.getpeercert(binary_form=True)
    if not verified or raw is None:
        return ()
    names = [
        f"cn:{value}"
        for part in verified.get("subject", ())
        for key, value in part
        if key == "commonName"
    ]
    kinds = {"DNS": "dns", "URI": "uri", "IP Address": "ip"}
    names += [
        f"{kinds[kind]}:{value.lower() if kind == 'DNS' else value}"
        for kind, value in verified.get("subjectAltName", ())
        if kind in kinds
    ]
    return (*names, f"sha256:{hashlib.sha256(raw).hexdigest()}")


def refusal(error: Exception) -> str:
    """Why a handshake failed, as part of a counter's name."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _EXPIRED:
            return "certificate_expired"
        return (
            "certificate_not_yet_valid"
            if error.verify_code == _NOT_BEFORE
            else "certificate_untrusted"
        )
    return _REASONS.get(getattr(error, "reason", None) or "", "handshake_broken")


class HandshakeThreads:
    """The real ``Offload``: a few threads; OpenSSL lets go of the interpreter meanwhile."""

    def __init__(self, call_soon: Callable[..., object], threads: int = HANDSHAKE_THREADS) -> None:
        """``call_soon`` is the loop's ``call_soon_threadsafe``."""
        self._call_soon = call_soon
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tls")

    def __call__(
        self, work: Callable[[], object], done: Callable[[Exception | None], None]
    ) -> None:
        """See ``Offload``."""

        def run() -> None:
            error: Exception | None = None
            try:
                work()
            except Exception as raised:  # noqa: BLE001  handed to whoever asked
                error = raised
            try:
                self._call_soon(done, error)
            except RuntimeError:
                return  # the loop is closed, and the connection with it

        self._pool.submit(run)

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _no_password() -> str:
    raise TlsError(
        "the key is encrypted; expected one without a passphrase, protected by its mode (0600), "
        "or as a systemd credential"
    )


def _words(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
