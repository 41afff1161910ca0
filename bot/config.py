"""Defines Config, the parsed and frozen content of config.toml, and errors that name the wrong key.

It is passed to the parts and never global. Secrets are not configuration: `read_token` takes them from the environment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from bot.durations import parse_duration
from bot.local_time import QuietHours, parse_clock, parse_quiet_hours
from seeds.error_messages import describe, suggest_spelling
from seeds.errors import SeedError
from seeds.feeds import Feed
from seeds.languages import LANGUAGES, Language
from seeds.rules import Rule

if TYPE_CHECKING:
    from seeds.load import Seeds

_CHAT = re.compile(r"-?\d+(?:/\d+)?|@\w+")
"""A chat id, a forum topic after a slash, or the name of a public chat."""
TOKEN, TOKEN_FILE = "TELEGRAM_BOT_TOKEN", "TELEGRAM_BOT_TOKEN_FILE"


class ConfigError(Exception):
    """config.toml (or the variable of a secret) is invalid; the message is one line with the file, the key and the expected value."""


def _duration_or_never(text: object) -> timedelta | None:
    return None if text == "" else parse_duration(text)


def _zone(text: object) -> str:
    if text not in available_timezones():
        near = suggest_spelling(str(text), available_timezones())
        raise ValueError(f"unknown time zone {text!r}" + (near or '; expected a name like "Asia/Ho_Chi_Minh"'))
    return str(text)


def _some_time(value: timedelta) -> timedelta:
    if not value:
        raise ValueError('expected a duration of at least "1s", got none')
    return value


def _api(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True) and len(parts.path) > 1
    except ValueError:
        good = False
    if not good:  # the token is appended: without a path it would become part of the host or port
        raise ValueError(f'expected an address that ends before the token, like "https://api.telegram.org/bot", got {text!r}')
    return text


def _chat(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or (isinstance(value, str) and not _CHAT.fullmatch(value)):
        raise ValueError(f'expected the number of a chat, like -1001234567890, or "@name" of a public one, got {value!r}')
    return value


def _webhook(text: str) -> str:
    parts = urlsplit(text)
    if text and not (parts.scheme == "https" and parts.hostname and len(parts.path) > 1):
        raise ValueError(f'expected an address like "https://bot.example/hook" or "", got {text!r}')
    return text


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if text and not (parts.scheme in {"http", "https"} and parts.hostname and not parts.query and not parts.fragment):
        raise ValueError(f'expected an address like "https://bot.example" or "", got {text!r}')
    return text


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
SomeTime = Annotated[Duration, AfterValidator(_some_time)]
DurationOrNever = Annotated[timedelta | None, BeforeValidator(_duration_or_never)]
ClockTime = Annotated[time, BeforeValidator(lambda text: parse_clock(str(text)))]
QuietHoursOrNone = Annotated[QuietHours | None, BeforeValidator(lambda text: parse_quiet_hours(str(text)))]
Zone = Annotated[str, BeforeValidator(_zone)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StoreSection(_Section):
    """Where data is stored, and for how long."""

    path: str = Field("seedwatch.db", min_length=1)
    keep_items: Duration = timedelta(days=90)
    keep_hits: DurationOrNever = None


class PollSection(_Section):
    """How feeds are polled."""

    every: SomeTime = timedelta(minutes=15)
    fastest: SomeTime = timedelta(minutes=2)
    slowest: SomeTime = timedelta(days=1)
    concurrency: int = Field(64, ge=1, le=4096)
    per_host: int = Field(2, ge=1, le=64)
    timeout: SomeTime = timedelta(seconds=20)
    max_bytes: int = Field(10_000_000, ge=1_000)
    allow_private_addresses: bool = False
    full_text: Literal["never", "hits", "always"] = "hits"


class MatchSection(_Section):
    """How items are matched."""

    languages: tuple[Language, ...] = Field(LANGUAGES, strict=False)
    spacy_model: str = ""
    salience: float = Field(0.15, ge=0, le=1)


class StoriesSection(_Section):
    """Which items report the same news."""

    window: Duration = timedelta(hours=72)


class TelegramSection(_Section):
    """The Telegram chat service."""

    base_url: Annotated[str, AfterValidator(_api)] = "https://api.telegram.org/bot"
    allowed_chats: tuple[Annotated[int | str, BeforeValidator(_chat)], ...] = Field((), strict=False)
    admins: tuple[int, ...] = Field((), strict=False)
    link_preview: bool = False
    webhook: Annotated[str, AfterValidator(_webhook)] = ""


class AppriseSection(_Section):
    """A further service, with an Apprise address in an environment variable."""

    url_env: str = Field(min_length=1)
    send: tuple[Literal["alert", "digest"], ...] = Field(("digest",), strict=False)


class ChatSection(_Section):
    """Where messages go."""

    kind: Literal["auto", "telegram", "console"] = "auto"
    telegram: TelegramSection = TelegramSection()
    also: tuple[AppriseSection, ...] = Field((), strict=False)


class DigestSection(_Section):
    """The message about a period."""

    at: ClockTime = time(8, 0)
    timezone: Zone = "Asia/Ho_Chi_Minh"
    chart: bool = True
    when_empty: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)


class AlertsSection(_Section):
    """The immediate messages about stories."""

    quiet_hours: QuietHoursOrNone = None
    max_per_hour: int = Field(20, ge=0)


class WebSection(_Section):
    """The web view and the address at which hubs reach it."""

    port: int = Field(8765, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(_public_url)] = ""


class SeedsSection(_Section):
    """The user's own seeds, and whether the packaged ones are used."""

    path: str = ""
    feeds: bool = True
    rules: bool = True


class LogSection(_Section):
    """The log on stderr."""

    format: Literal["auto", "pretty", "json"] = "auto"


class Config(_Section):
    """The whole configuration. Every key has a default; `config.toml` at the top of the repository lists them all."""

    store: StoreSection = StoreSection()
    poll: PollSection = PollSection()
    match: MatchSection = MatchSection()
    stories: StoriesSection = StoriesSection()
    chat: ChatSection = ChatSection()
    digest: DigestSection = DigestSection()
    alerts: AlertsSection = AlertsSection()
    web: WebSection = WebSection()
    seeds: SeedsSection = SeedsSection()
    log: LogSection = LogSection()
    feeds: tuple[Feed, ...] = Field((), strict=False)
    rules: tuple[Rule, ...] = Field((), strict=False)
    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """The file of this configuration; None for the packaged default."""
        return self._file

    @property
    def folder(self) -> Path:
        """The folder for relative paths: the file's folder, or the working folder without a file."""
        return self._file.parent if self._file else Path.cwd()

    @property
    def database(self) -> Path:
        """Path of the database."""
        return self.folder / Path(self.store.path).expanduser()

    @property
    def seeds_folder(self) -> Path:
        """The folder of the user's own seeds, which may not exist yet.

        `[seeds] path`, else `seeds` beside config.toml; in a checkout of seedwatch itself, where that is the packaged folder,
        `seedwatch.seeds` instead, so that what a chat adds never changes the packaged knowledge.
        """
        if self.seeds.path:
            return self.folder / Path(self.seeds.path).expanduser()
        beside = self.folder / "seeds"
        packaged = Path(__file__).resolve().parent.parent / "seeds"
        return self.folder / "seedwatch.seeds" if beside.resolve() == packaged else beside

    def load_seeds(self) -> Seeds:
        """Loads the packaged seeds, the user's own, and the rules and feeds of this configuration, and checks them together.

        Raises ConfigError naming file, id and key.
        """
        seeds, errors = self.try_seeds()
        if errors:
            raise ConfigError(str(errors[0]))
        return seeds

    def try_seeds(self) -> tuple[Seeds, list[SeedError]]:
        """Like `load_seeds`, but returns the seeds that could be read and all errors. Raises ConfigError if the folder is missing."""
        from seeds.load import try_seeds

        folder = self.seeds_folder
        if self.seeds.path and not folder.is_dir():
            raise ConfigError(f"{self.file or 'config.toml'}: seeds.path: there is no folder {str(folder)!r}")
        return try_seeds(
            folder if folder.is_dir() else None,
            packaged_feeds=self.seeds.feeds,
            packaged_rules=self.seeds.rules,
            rules=self.rules,
            feeds=self.feeds,
        )


def load_config(path: Path | None, *, env: Mapping[str, str], cwd: Path | None = None) -> Config:
    """The configuration: `path`, else `$SEEDWATCH_CONFIG`, else `./config.toml`, else the packaged default.

    Raises ConfigError when a named file is missing, is not TOML, or holds an unknown key or a wrong value.
    """
    named = path or (Path(env["SEEDWATCH_CONFIG"]) if env.get("SEEDWATCH_CONFIG") else None)
    file = named or (cwd or Path.cwd()) / "config.toml"
    label = str(named or "config.toml")
    try:
        text = file.read_text("utf-8-sig")  # Windows editors may write a byte order mark
    except FileNotFoundError:
        if named is None:
            return Config()
        raise ConfigError(f"{label}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{label}: cannot be read: {error}") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{label}: not valid TOML: {error}") from None
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{label}: {_format_error(error)}") from None
    if config.poll.fastest > config.poll.slowest:
        raise ConfigError(f"{label}: poll.fastest: expected at most poll.slowest")
    config._file = file.resolve()
    return config


def _format_error(error: ValidationError) -> str:
    """Formats the first error as one line: the key's path, the expected value, and the number of further errors."""
    (key, message), *others = describe(error, Config)
    return f"{key}: {message}" + (f" (and {len(others)} more)" if others else "")


def read_token(env: Mapping[str, str]) -> SecretStr | None:
    """Returns the Telegram bot's token from the environment, or None.

    Raises ConfigError when the file that `TELEGRAM_BOT_TOKEN_FILE` names cannot be read. The error never contains the token.
    """
    if env.get(TOKEN, "").strip():
        return SecretStr(env[TOKEN].strip())
    if not env.get(TOKEN_FILE):
        return None
    try:
        token = Path(env[TOKEN_FILE]).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{TOKEN_FILE}: cannot be read: {type(error).__name__}") from None
    if not token:
        raise ConfigError(f"{TOKEN_FILE}: the file is empty")
    return SecretStr(token)
