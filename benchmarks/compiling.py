"""Compiles the benchmarks' C sources, once for each version of a source."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


class CompileError(Exception):
    """There is no compiler, or it refused the source; the text says which."""


def compiler() -> str | None:
    """Find a C compiler, None when the machine has none."""
    return shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc") or shutil.which("clang")


def compiled(source: Path, *flags: str) -> Path:
    """Compile one source unless this very text was compiled before; return what came out.

    Raises:
        CompileError: There is no C compiler, or it refused the source.
    """
    texts = [source, *sorted(source.parent.glob("*.h"))]  # what it may include
    said = b"".join(path.read_bytes() for path in texts) + repr(flags).encode()
    key = hashlib.sha256(said).hexdigest()[:16]
    out = _cache() / f"{source.stem}-{key}"
    if out.exists():
        return out
    cc = compiler()
    if cc is None:
        raise CompileError("no C compiler found (cc, gcc or clang); on Debian: apt install gcc")
    # Compiled beside its final name and renamed, so that two runs at once do not meet half a file.
    handle, name = tempfile.mkstemp(prefix=f"{source.stem}-", dir=out.parent)
    os.close(handle)
    done = subprocess.run(
        [cc, "-O2", "-Wall", *flags, "-o", name, str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        Path(name).unlink()
        raise CompileError(f"{cc} refused {source.name}:\n{done.stderr}")
    Path(name).chmod(0o755)
    Path(name).rename(out)
    return out


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home else Path.home() / ".cache"
    try:
        folder = base / "alarm-gateway"
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # no writable home, as in a build container
        folder = Path(tempfile.gettempdir()) / f"alarm-gateway-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
