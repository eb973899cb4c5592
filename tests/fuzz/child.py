"""Fuzzes one target in this process: ``python -m tests.fuzz.child TARGET [libFuzzer options]``."""

from __future__ import annotations

import sys

import atheris

INSTRUMENTED = ["protocols", "gateway.normalise", "gateway.accounts", "gateway.forward"]

with atheris.instrument_imports(include=INSTRUMENTED):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Hand the rest of the command line to libFuzzer."""
    name = sys.argv[1]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
