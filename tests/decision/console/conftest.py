import pytest

from tests.support.console import Core


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: walks the console in a real Chromium")


@pytest.fixture
def core(tmp_path):
    made = Core(tmp_path / "core")
    yield made
    made.stop()
