"""The desks that have a machine, from the configuration; the courier that serves them."""

from __future__ import annotations

from decision.config import Config, ConfigError, DeskConfig, Mistake, SecretError, read_secret
from decision.config.secret_files import first_line
from decision.courier import Courier, Desk
from decision.engine import Engine
from decision.responders.http_transport import HttpTransport
from decision.site import Site


class Desks:
    """All of them by the name of their table; ``run`` for as long as the core lives."""

    def __init__(self, config: Config, engine: Engine) -> None:
        """Raises ``ConfigError`` with every desk that cannot be reached as configured."""
        self._config = config
        self._desks: dict[str, Desk] = {}
        mistakes = []
        for name, desk in config.desks.items():
            if desk.transport != "http":
                continue
            try:
                self._desks[name] = _made(name, desk)
            except (SecretError, ValueError, OSError) as error:
                key = f"desks.{name}"
                mistakes.append(Mistake(file="configuration", key=key, reason=str(error)))
        if mistakes:
            raise ConfigError(mistakes)
        self._courier = Courier(
            engine,
            self.of_site,
            station=config.station.name,
            callback=config.station.callback,
        )

    def of_site(self, site: Site) -> Desk | None:
        """The desk with a machine that is responsible for a site; None: by telephone."""
        name = site.jurisdiction if site.jurisdiction in self._config.desks else "default"
        return self._desks.get(name)

    async def run(self) -> None:
        """Carry requests and answers until cancelled."""
        await self._courier.run(self._desks.values())


def _made(name: str, desk: DeskConfig) -> Desk:
    if desk.url is None or desk.token_file is None:
        raise ValueError("url and token_file are needed with http: the machine asks who speaks")
    transport = HttpTransport(
        desk.url,
        token=first_line(read_secret(desk.token_file)),
        ca_file=desk.ca_file,
        cert_file=desk.cert_file,
        key_file=desk.key_file,
        allow_plain=desk.allow_plain,
    )
    return Desk(name=name, transport=transport, dial=desk.dial)
