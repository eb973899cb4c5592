"""A real Chromium on a real server, used by keyboard only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import threading
from pathlib import Path

import pytest
import uvicorn
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.support.console import PASSWORD, Core

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1600,1000",
)  # fmt: skip
PATIENCE_S = 20


def require_chromium() -> None:
    """Skip where there is no browser, unless it must be there."""
    if Path(CHROMIUM).exists() and shutil.which(DRIVER):
        return
    if os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail(f"{CHROMIUM} or {DRIVER} is missing and REQUIRE_CHROMIUM=1")
    pytest.skip(f"{CHROMIUM} or {DRIVER} is not installed")


@contextlib.contextmanager
def serving(core: Core):
    """The application on a free port of this machine; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(core.app.asgi, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), name="http"
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        core.stream.close()
        server.should_exit = True
        thread.join(PATIENCE_S)
        listener.close()


@contextlib.contextmanager
def chromium(profile: Path):
    """A fresh browser."""
    options = Options()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


class Desk:
    """One operator at one screen. Nothing here uses a mouse."""

    def __init__(self, driver, address: str) -> None:
        self.driver = driver
        self.address = address

    def until(self, condition, what: str):
        try:
            return WebDriverWait(self.driver, PATIENCE_S, poll_frequency=0.05).until(
                lambda _: condition(), what
            )
        except TimeoutException:
            if folder := os.environ.get("KEEP_SCREENS"):
                self.keep(Path(folder) / "late.png")
            raise

    def keys(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def text(self, selector: str) -> str:
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return self.driver.execute_script(script, selector)

    def sign_in(self, user: str) -> None:
        self.driver.get(self.address + "/")
        self.until(lambda: self.focus() == "user", "the sign-in form")
        self.keys(user, Keys.TAB, PASSWORD, Keys.ENTER)
        self.until(lambda: self.text("#live") == "Live", "the queue, live")

    def focus(self) -> str:
        return self.driver.execute_script("return document.activeElement?.id ?? ''")

    def question(self) -> str:
        """Key of the question on the page; ``none`` where it asks nothing; empty: still loading."""
        return self.driver.execute_script("""
            const card = document.querySelector('#question');
            if (document.readyState !== 'complete' || !card) return '';
            return card.querySelector('input[name=question]')?.value ?? 'none'""")

    def settle(self) -> None:
        script = "return document.body.dataset.settled"
        self.until(lambda: self.driver.execute_script(script) == "yes", "a settled page")

    def open(self, number: int = 1) -> None:
        """Open an incident of the queue by its digit."""
        self.settle()
        self.leave_field()
        self.keys(str(number))
        self.until(lambda: "/incidents/" in self.driver.current_url, "an incident")
        self.until(lambda: self.text("#live") == "Live", "the incident, live")

    def leave_field(self) -> None:
        tag = self.driver.execute_script("return document.activeElement?.tagName ?? ''")
        if tag in ("INPUT", "TEXTAREA", "SELECT"):
            self.keys(Keys.ESCAPE)
            self.until(
                lambda: self.focus() == "question" or "/incidents/" not in self.driver.current_url,
                "the field left",
            )

    def answer(self, label: str, *, words: str = "") -> None:
        """Answer the next question by the digit that stands on the answer."""
        script = """
            return [...document.querySelectorAll('#question .answer')].filter(
                (one) => one.querySelector('.label').innerText.startsWith(arguments[0])
            ).map((one) => one.dataset.key)[0] ?? ''"""

        def offered() -> str:
            return self.driver.execute_script(script, label)

        self.until(offered, f"the answer {label!r}; the page asks {self.text('#ask')!r}")
        self.settle()
        if words:
            self.go("e")
            self.keys(words)
        before = self.question()
        self.leave_field()
        self.keys(offered())
        self.until(lambda: self.question() not in ("", before), f"the question after {label!r}")

    def go_and_press(self, key: str, *, where: str, typed: str) -> None:
        """Type into the field of ``where``, go to a button by its letter, press Enter."""
        self.settle()
        self.go(where)
        self.keys(typed)
        self.leave_field()
        self.go(key)
        self.keys(Keys.ENTER)

    def go(self, letter: str) -> None:
        """Press a letter and wait until the focus is there."""
        self.leave_field()
        script = "return document.activeElement?.dataset.key ?? ''"
        self.keys(letter)
        self.until(lambda: self.driver.execute_script(script) == letter, f"the place of {letter}")

    def tab_to(self, element_id: str) -> None:
        """Tab until an element has the focus; so it can be reached by keyboard."""
        for _ in range(80):
            if self.focus() == element_id:
                return
            self.keys(Keys.TAB)
        raise AssertionError(f"Tab never reaches {element_id}")

    def see(self, words: str) -> None:
        self.until(lambda: words in self.text("#main"), f"{words!r} on the page")

    def outside(self) -> list[str]:
        """What the page fetched from anywhere but our server."""
        script = "return performance.getEntriesByType('resource').map((one) => one.name)"
        return [url for url in self.driver.execute_script(script)
                if not url.startswith(self.address)]  # fmt: skip

    def complaints(self) -> list[str]:
        """What the browser complains of: scripts that fail, policies that are broken."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "favicon" not in entry["message"]
        ]

    def keep(self, path: Path) -> None:
        """Keep what the screen shows."""
        self.driver.save_screenshot(str(path))
