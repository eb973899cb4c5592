"""One record is one line, whatever the wire sent (SEC-16)."""

import contextlib
import io
import json
from pathlib import Path

import pytest
import structlog

from gateway import logs


@pytest.fixture(autouse=True)
def _restore():
    yield
    structlog.reset_defaults()


def test_off_a_terminal_a_record_is_one_line_of_json():
    out = io.StringIO()
    logs.set_up("info", "auto", out)
    structlog.get_logger().info("report.received", account="1\n2\x1b[31m", seq=7)
    (line,) = out.getvalue().splitlines()
    record = json.loads(line)
    assert record["event"] == "report.received"
    assert record["account"] == "1\\n2\\x1b[31m"
    assert record["seq"] == 7


def test_the_level_can_be_changed_while_running():
    out = io.StringIO()
    logs.set_up("warning", "json", out)
    log = structlog.get_logger()
    log.info("link.opened")
    logs.set_up("debug", "json", out)
    log.debug("frame.rejected")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["frame.rejected"]


def test_an_exception_stays_inside_its_record():
    out = io.StringIO()
    logs.set_up("info", "json", out)
    try:
        raise ValueError("bad\nnews")
    except ValueError:
        structlog.get_logger().exception("link.failed")
    (line,) = out.getvalue().splitlines()
    assert "ValueError" in json.loads(line)["exception"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_log_that_cannot_be_written_stops_nobody(form):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        logs.set_up("info", form, full)
        structlog.get_logger().warning("journal.reopen_failed", reason="no space left on device")
        with contextlib.suppress(OSError):
            full.close()
    structlog.get_logger().warning("journal.reopen_failed", reason="the log is closed")
