"""The desks of responders as configured: which site's requests go to which machine."""

from __future__ import annotations

from decision.config import Config, ConfigError, DeskConfig, Mistake, SecretError, read_secret
from decision.config.secret_files import first_line
from decision.responders.courier import Desk
from decision.responders.http_transport import HttpTransport
from decision.site import Site


class Desks:
    """Those that have a machine, by jurisdiction; all others are reached by telephone."""

    def __init__(self, config: Config) -> None:
        """Raises ``ConfigError`` for a desk that cannot be used."""
        self._config = config
        self._machines: dict[str, Desk] = {}
        mistakes = []
        for name, desk in config.desks.items():
            if desk.transport != "http":
                continue
            try:
                self._machines[name] = _desk(name, desk)
            except (SecretError, ValueError, OSError) as error:
                mistakes.append(
                    Mistake(file="configuration", key=f"desks.{name}", reason=str(error))
                )
        if mistakes:
            raise ConfigError(mistakes)

    @property
    def machines(self) -> tuple[Desk, ...]:
        """All desks with a machine."""
        return tuple(self._machines.values())

    def of(self, site: Site) -> Desk | None:
        """The desk with a machine that is responsible for a site; None: by telephone."""
        name = site.jurisdiction if site.jurisdiction in self._config.desks else "default"
        return self._machines.get(name)


def _desk(name: str, desk: DeskConfig) -> Desk:
    token = "" if desk.token_file is None else first_line(read_secret(desk.token_file))
    transport = HttpTransport(
        desk.url or "",
        token=token,
        ca_file=desk.ca_file,
        cert_file=desk.cert_file,
        key_file=desk.key_file,
        allow_plain=desk.allow_plain,
    )
    return Desk(name=name, transport=transport, dial=desk.dial)
