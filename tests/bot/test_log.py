"""Logging keeps secrets out of every line and traceback."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
import structlog

from bot import log

TOKEN = "987654321:" + "Zx_-" * 9


@pytest.fixture(autouse=True)
def _quiet_again() -> object:
    handlers, hook = logging.getLogger().handlers[:], sys.excepthook
    yield
    logging.getLogger().handlers[:] = handlers
    sys.excepthook = hook
    structlog.reset_defaults()


def test_a_token_never_reaches_a_line_even_if_nobody_named_it(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up(form="json")
    structlog.get_logger().info("send", url=f"https://host/bot{TOKEN}/sendMessage", error=ValueError(TOKEN))
    logging.getLogger("anything").warning("failed at %s", f"https://host/bot{TOKEN}/getMe")
    said = capsys.readouterr().err
    assert "sendMessage" in said
    assert "getMe" in said
    assert TOKEN not in said


def test_a_named_secret_of_any_form_is_kept_out() -> None:
    log.keep_secret("hunter2-webhook")
    assert log.redact("https://hook/hunter2-webhook/x") == "https://hook/[token]/x"


def test_the_secret_half_of_a_token_is_kept_out_where_a_library_took_the_address_apart() -> None:
    log.keep_secret(TOKEN)
    half = TOKEN.partition(":")[2]
    assert log.redact(f"Invalid port: {half!r}") == "Invalid port: '[token]'"
    assert log.redact(f"/bot{TOKEN}/getMe") == "/bot[token]/getMe"


def test_a_crash_shows_its_traceback_without_the_token() -> None:
    program = f"from bot import log; log.set_up(); raise RuntimeError('at {TOKEN}')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "RuntimeError" in ended.stderr
    assert TOKEN not in ended.stderr
