"""Defines logging: one line a visit, a delivery, a job, with the same verbs everywhere; and the filter that keeps secrets out of all of it.

Everything goes to stderr; stdout belongs to results.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

REDACTED = "[token]"
_TOKEN_FORM = re.compile(r"(?<!\d)\d{5,12}(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
"""What a bot token looks like, so that even one that we were never told is kept out; in addresses it stands right behind "bot". Source: the Bot API's "Authorizing your bot"."""
_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """From now on `value` appears nowhere: log lines, tracebacks and messages show [token] in its place."""
    if value:
        _secrets.add(value)


def redact(text: str) -> str:
    """`text` without any secret in it."""
    for secret in _secrets:
        text = text.replace(secret, REDACTED)
    return _TOKEN_FORM.sub(REDACTED, text)


def _redact_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
        elif not isinstance(value, (int, float, bool, type(None))):
            event[key] = redact(str(value))
    return event


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def set_up(*, verbosity: int = 0, form: Literal["auto", "pretty", "json"] = "auto") -> None:
    """Configures structlog and the standard library's logging. `verbosity`: -1 errors only, 0 the bot's own lines, 1 debug."""
    level = {-1: logging.ERROR, 0: logging.INFO}.get(max(-1, verbosity), logging.DEBUG)
    pretty = form == "pretty" or (form == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor
    if form == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    elif pretty:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
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
    sys.excepthook = _say_crash


def _say_crash(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    import traceback

    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
