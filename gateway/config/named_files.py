"""The files that the configuration names: do they exist, are secrets closed to others (SEC-18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gateway.config.mistakes import Mistake, Source
from gateway.config.model import Config
from gateway.config.secret_files import SecretError, check_secret, read_credential
from hardware.tls import TlsError, server_context

_SOCKET_PATH_MAX: Final = 107  # bytes; sockaddr_un holds 108 with the final NUL, see unix(7)


def check_named_files(
    config: Config, *, file: Path, lines: Mapping[tuple[str, ...], int]
) -> list[Mistake]:
    """Mistakes about the files that the configuration names; accounts and keys have their own."""
    source = Source(file=str(file), lines=lines)
    return [*_of_inputs(config, source), *_of_mqtt(config, source), *_of_control(config, source)]


def _of_inputs(config: Config, source: Source) -> Iterator[Mistake]:
    for name, one in config.inputs.items():
        if one.tls is None:
            continue
        path = ("inputs", name)
        is_good = True
        for key in ("cert_file", "client_ca_file"):
            file: Path | None = getattr(one, key)
            if file is not None and not file.is_file():
                is_good = False
                yield source.mistake((*path, key), f"there is no file {file}", "a PEM file")
        key = "key_file" if one.key_file is not None else "key_credential"
        try:
            if one.key_file is not None:
                check_secret(one.key_file)
            elif one.key_credential is not None:
                read_credential(one.key_credential)
        except SecretError as error:
            is_good = False
            yield source.mistake((*path, key), error.found, error.allowed, error.hint)
        if is_good:
            try:
                server_context(one.tls_files())
            except TlsError as error:
                yield source.mistake(
                    (*path, "cert_file"), str(error), "a certificate and its own key, as PEM"
                )


def _of_mqtt(config: Config, source: Source) -> Iterator[Mistake]:
    for name in ("ca_file", "cert_file"):
        path: Path | None = getattr(config.mqtt, name)
        if path is not None and not path.is_file():
            yield source.mistake(("mqtt", name), f"there is no file {path}", "a PEM file")
    if config.mqtt.key_file is not None:
        try:
            check_secret(config.mqtt.key_file)
        except SecretError as error:
            yield source.mistake(("mqtt", "key_file"), error.found, error.allowed, error.hint)
    try:
        config.mqtt.password()
    except SecretError as error:
        name = "password_file" if config.mqtt.password_file is not None else "password_credential"
        yield source.mistake(("mqtt", name), error.found, error.allowed, error.hint)


def _of_control(config: Config, source: Source) -> Iterator[Mistake]:
    length = len(str(config.control.socket).encode())
    if length > _SOCKET_PATH_MAX:
        yield source.mistake(
            ("control", "socket"),
            f"the path {config.control.socket} has {length} bytes",
            f"at most {_SOCKET_PATH_MAX} bytes, which is all that the system takes",
            "for example socket = '/run/alarm-gateway/control.sock'",
        )
