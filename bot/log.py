"""Defines logging, with one line per visit, delivery and job and the same verbs everywhere, and the redaction of secrets.

Logs go to stderr; stdout is for results.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any, Literal

import structlog

REDACTED = "[token]"
_TOKEN_FORM = re.compile(r"(?<!\d)\d{5,12}(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
"""The form of a bot token, so that unknown tokens are redacted, too; in addresses it follows directly after "bot".
Source: the Bot API's "Authorizing your bot"."""
_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """Redacts `value` everywhere from now on: log lines, tracebacks and messages show [token] instead.

    The secret half of a bot token is redacted on its own, too, because a library may quote only that part of an address.
    """
    if value:
        _secrets.add(value)
    if _TOKEN_FORM.fullmatch(value):
        _secrets.add(re.split(":|%3[Aa]", value, maxsplit=1)[1])


def redact(text: str) -> str:
    """Returns `text` with all secrets replaced."""
    for secret in sorted(_secrets, key=len, reverse=True):  # longest first: a complete token before its secret half
        text = text.replace(secret, REDACTED)
    return _TOKEN_FORM.sub(REDACTED, text)


def _redact_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
        elif not isinstance(value, (int, float, bool, type(None))):
            event[key] = redact(str(value))
    return event


def _for_people(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
    """Formats a line for the terminal: local time, event, and its fields, the most important first."""
    level, said = str(event.pop("level", "")), str(event.pop("event", ""))
    moment = datetime.fromisoformat(str(event.pop("timestamp"))).astimezone()
    trace = event.pop("exception", None)
    known = [str(event.pop(key)) for key in ("feed", "error") if event.get(key)]
    rest = " ".join(f"{key}={value}" for key, value in event.items() if value not in ("", None))
    line = f"{moment:%H:%M:%S} {': '.join((said, *known))}{f'  ({rest})' if rest else ''}"
    if sys.stderr.isatty():
        line = f"\x1b[{_COLOURS.get(level, '2')}m{line}\x1b[0m"
    return f"{line}\n{trace}" if trace else line


_COLOURS = {"warning": "33", "error": "31", "critical": "31"}
"""ANSI colours. Other lines are dim, because the terminal is mainly for messages."""


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _MalformedRequests(logging.Filter):
    """Logs a malformed or interrupted HTTP request as one line; the HTTP server would log a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        malformed = type(error).__module__ == "aiohttp.http_exceptions"  # by name, because most commands do not import aiohttp
        if malformed or isinstance(error, ConnectionError):
            # The error's message quotes the request, including line breaks.
            record.msg = f"{'malformed request' if malformed else 'request broken off'}: {type(error).__name__}"
            record.args, record.exc_info = (), None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


_malformed_requests = _MalformedRequests()


def set_up(*, verbosity: int = 0, form: Literal["auto", "pretty", "json"] = "auto") -> None:
    """Configures structlog and the standard library's logging. `verbosity`: -1 errors only, 0 the bot's own lines, 1 debug."""
    level = {-1: logging.ERROR, 0: logging.INFO}.get(max(-1, verbosity), logging.DEBUG)
    pretty = form == "pretty" or (form == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor
    if form == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    elif pretty:
        renderer = _for_people
    else:
        renderer = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbosity > 1 else logging.WARNING, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "apscheduler", "telegram"):  # httpx logs complete addresses, with the token, at INFO
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("aiohttp.server").addFilter(_malformed_requests)
    sys.excepthook = _say_crash


def _say_crash(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    import traceback

    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
