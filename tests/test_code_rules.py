"""What no line of the product may do: SEC-5 (comparisons of secrets), SEC-17 (running data)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest

from gateway.config import load
from gateway.daemon import Daemon, real_world
from tests.support.running import TcpPanel, panel_frame
from tests.support.source import ROOT, modules, tree_of
from tests.support.station import Station, until

PRODUCT = modules("protocols", "hardware", "gateway", "decision", "simulators")

# -- SEC-5 ---------------------------------------------------------------------------------

_SECRET = re.compile(
    r"(^|_)(mac|hmac|signature|password|passphrase|secret|csrf|cookie|session_token|api_key|"
    r"aes_key|raw_key|key_bytes|keyring|presented)(s|_hash|_digest)?$"
)
_HARMLESS = (ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict)


def _named(node: ast.expr) -> str:
    """The last word of what an expression names."""
    if isinstance(node, ast.Call):
        return _named(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def compared_secrets(tree: ast.Module) -> list[int]:
    """Lines that compare something named like a secret in a time that depends on it."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for (left, right), operation in zip(pairwise(sides), node.ops, strict=True):
            if not isinstance(operation, ast.Eq | ast.NotEq):
                continue
            if isinstance(left, _HARMLESS) or isinstance(right, _HARMLESS):
                continue
            if "len" in {_named(left), _named(right)}:
                continue  # how long a secret is, everybody knows
            if _SECRET.search(_named(left).lower()) or _SECRET.search(_named(right).lower()):
                lines.append(node.lineno)
    return lines


class TestSec5:
    """Secrets, tokens and MACs are compared in constant time."""

    def test_nothing_compares_a_secret_with_equals(self):
        found = {
            path.relative_to(ROOT).as_posix(): lines
            for path in PRODUCT
            if (lines := compared_secrets(tree_of(path)))
        }
        assert found == {}

    @pytest.mark.parametrize(
        ("source", "is_found"),
        [
            ("if mac == expected: pass", True), ("x = given != self._password", True),
            ("ok = csrf_of(page) == asked", False), ("ok = a.signature == b", True),
            ("if password == '': pass", False), ("if len(secret) == n: pass", False),
            ("hmac.compare_digest(mac, expected)", False), ("if hmac() == x: pass", True),
        ],
    )  # fmt: skip
    def test_the_rule_sees_what_it_should(self, source, is_found):
        assert bool(compared_secrets(ast.parse(source))) is is_found


# -- SEC-17 --------------------------------------------------------------------------------

_NEVER_CALLED = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint"}
_NEVER_IMPORTED = {
    "pickle", "cPickle", "dill", "shelve", "marshal", "yaml", "subprocess", "pty", "code", "codeop",
}  # fmt: skip
_NEVER_ASKED = {
    ("os", "system"), ("os", "popen"), ("os", "fork"), ("os", "execv"), ("os", "execve"),
    ("os", "execvp"), ("os", "spawnv"), ("os", "posix_spawn"),
    ("asyncio", "create_subprocess_exec"), ("asyncio", "create_subprocess_shell"),
}  # fmt: skip
_ALLOWED = {
    # A pair of pseudo terminals is the demo's serial line.
    ("gateway/cli/demo.py", "pty"), ("simulators/links.py", "pty"),
    # The module of a command, out of a table in the code.
    ("gateway/cli/main.py", "importlib.import_module"),
    ("decision/cli/main.py", "importlib.import_module"),
}  # fmt: skip


def _run_data(tree: ast.AST) -> Iterator[str]:
    """What in a module could run, load or start something that data names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in _NEVER_IMPORTED)
        elif isinstance(node, ast.ImportFrom) and node.module in _NEVER_IMPORTED:
            yield node.module
        elif isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name) and function.id in _NEVER_CALLED:
                yield function.id
            elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                pair = (function.value.id, function.attr)
                if pair in _NEVER_ASKED or pair == ("importlib", "import_module"):
                    yield ".".join(pair)


class TestSec17:
    """No eval, exec, pickle, unsafe YAML, shell, or dynamic import from data."""

    def test_nothing_runs_or_loads_what_data_says(self):
        found = {
            (path.relative_to(ROOT).as_posix(), what)
            for path in PRODUCT
            for what in _run_data(tree_of(path))
        }
        assert found - _ALLOWED == set()

    @pytest.mark.parametrize(
        "source",
        ["eval(x)", "import pickle", "from subprocess import run", "os.system(x)",
         "importlib.import_module(x)", "import yaml", "asyncio.create_subprocess_exec(x)"],
    )  # fmt: skip
    def test_the_rule_sees_what_it_should(self, source):
        assert list(_run_data(ast.parse(source)))

    def test_the_linter_forbids_it_as_well(self):
        """Ruff's rules of the same kind are on, and none of them is ignored in the product."""
        settings = (ROOT / "pyproject.toml").read_text()
        assert 'select = ["ALL"]' in settings
        ignored = settings.partition("ignore = [")[2].partition("]\n")[0]
        assert not re.search(r'"S\d', ignored)
        for path in PRODUCT:
            assert not re.search(r"noqa:.*\bS(102|301|307|506|602|603|604|605)\b", path.read_text())


_started: list[str] = []
_is_watching = False
_STARTS = re.compile(r"subprocess\.Popen|os\.(exec|posix_spawn|spawn|system|fork|forkpty)")


def _audit(event: str, _args: object) -> None:
    if _is_watching and _STARTS.match(event):
        _started.append(event)


async def test_sec_17_a_running_gateway_starts_no_program(tmp_path):
    """The interpreter itself tells of each one (audit events); a hook cannot be taken off again."""
    global _is_watching  # noqa: PLW0603  the hook's switch
    sys.addaudithook(_audit)
    station = Station(tmp_path, accounts=("1234",))
    _is_watching = True
    try:
        daemon = Daemon(load(station.config), real_world())
        await daemon.start()
        async with TcpPanel(station.port) as panel:
            for number, data in enumerate(
                ("#1234|1131 01 015", "#1234|$(touch x)`id`", "#1234|;ls")
            ):
                panel.send(panel_frame(data, sequence=f"{number + 1:04d}"))
                assert b"ACK" in await panel.answer()
        await daemon.reload(load(station.config))
        await until(lambda: daemon.counters["report_acknowledged"] == 3)
        await daemon.stop("test")
    finally:
        _is_watching = False
    assert _started == []
