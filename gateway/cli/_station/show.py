"""The command behind ``alarm-gateway demo --station``."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from decision.config import ConfigError as CoreConfigError
from decision.daemon import DaemonError as CoreError
from gateway.cli import CliError
from gateway.cli._station.files import lay_out
from gateway.cli._station.house import House
from gateway.config import ConfigError as GatewayConfigError
from gateway.daemon import DaemonError, run_on_loop


def show(seconds: float, keep: Path | None, *, as_json: bool) -> int:
    """Play the station; gives the exit status. Raises ``CliError``."""
    folder = Path(tempfile.mkdtemp(prefix="alarm-station-")) if keep is None else keep
    folder.mkdir(parents=True, exist_ok=True)
    try:
        house = House(folder, lay_out(folder), Console(quiet=as_json), seconds)
        result = run_on_loop(house.run())
    except (DaemonError, CoreError, GatewayConfigError, CoreConfigError) as error:
        raise CliError(str(error)) from None
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print(
            json.dumps(
                {"sums": result.sums, "missing": result.missing, "mistakes": result.mistakes}
            )
        )
    return 0 if result.is_good else 1
