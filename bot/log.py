"""Defines logging: one line a visit, a delivery, a job, with the same verbs everywhere; and the filter that keeps secrets out of all of it.

Everything goes to stderr; stdout belongs to results.
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
"""What a bot token looks like, so that even one that we were never told is kept out; in addresses it stands right behind "bot".
Source: the Bot API's "Authorizing your bot"."""
_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """From now on `value` appears nowhere: log lines, tracebacks and messages show [token] in its place.

    The secret half of a bot token is kept out on its own too: a library that takes an address apart may quote it alone.
    """
    if value:
        _secrets.add(value)
    if _TOKEN_FORM.fullmatch(value):
        _secrets.add(re.split(":|%3[Aa]", value, maxsplit=1)[1])


def redact(text: str) -> str:
    """`text` without any secret in it."""
    for secret in sorted(_secrets, key=len, reverse=True):  # a whole token before its half
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
    """A line for the terminal: the local time, what happened, and what is known of it, most telling first."""
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
"""ANSI colours; everything else is dim, because messages are what the terminal is for."""


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _MalformedRequests(logging.Filter):
    """Makes one line of a request that is no sound HTTP, or that broke off. The HTTP server writes a traceback for each."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        malformed = type(error).__module__ == "aiohttp.http_exceptions"  # not imported: most commands serve nothing
        if malformed or isinstance(error, ConnectionError):
            # The error's own words quote the request, line breaks too.
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
    for name in ("httpx", "httpcore", "apscheduler", "telegram"):  # httpx logs whole addresses, the token in them, at INFO
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("aiohttp.server").addFilter(_malformed_requests)
    sys.excepthook = _say_crash


def _say_crash(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    import traceback

    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
