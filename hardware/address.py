"""Internet addresses: how they are written, and how a listening socket gets one."""

from __future__ import annotations

import socket
from typing import Any, Final, TypeAlias

Address: TypeAlias = tuple[str, int]
"""Host and port; the host without brackets, IPv4 in dots also when it came by IPv6."""

SockAddr: TypeAlias = tuple[Any, ...]
"""What the socket module calls an address: (host, port) or (host, port, flow, scope)."""

WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  (recognised, not bound)

_MAPPED: Final = "::ffff:"


class ListenError(OSError):
    """A listening socket could not be had.

    Example situations: the port is taken by another process, the address is not one of
    this host, the port is below 1024.
    """


def plain_host(host: str) -> str:
    """The host as an operator writes it: an IPv4 address mapped into IPv6 in dots."""
    if host.startswith(_MAPPED) and "." in host:
        return host[len(_MAPPED) :]
    return host


def spell(host: str, port: int) -> str:
    """``host:port`` or ``[host6]:port``."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def bound_address(sock: socket.socket) -> Address:
    """Where a socket is bound; tells the port that was given for port 0."""
    name = sock.getsockname()
    return plain_host(name[0]), name[1]


def bind(address: Address, kind: socket.SocketKind) -> socket.socket:
    """A bound, non-blocking socket.

    ``::`` takes IPv4 as well. With ``SO_REUSEADDR`` a restart does not wait for the
    connections of the run before.

    Raises:
        ListenError: Says which address, why, and what to look at.
    """
    host, port = address
    word = "tcp" if kind == socket.SOCK_STREAM else "udp"
    try:
        family, _, _, _, sockaddr = socket.getaddrinfo(
            host or "0.0.0.0",  # noqa: S104  (an empty host means all)
            port,
            type=kind,
            flags=socket.AI_PASSIVE,
        )[0]
        sock = socket.socket(family, kind)
    except OSError as error:
        raise ListenError(f"cannot listen on {word} {spell(host, port)}: {error}") from error
    try:
        sock.setblocking(False)  # noqa: FBT003  (the socket module's own shape)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if host == "::" else 1)
        sock.bind(sockaddr)
    except OSError as error:
        sock.close()
        raise ListenError(
            f"cannot listen on {word} {spell(host, port)}: {error.strerror or error}; "
            "look with `ss -lntup` who has the port, and check the address and its privilege"
        ) from error
    return sock
