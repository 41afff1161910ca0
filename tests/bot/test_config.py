"""Configuration: every key has a default, the shipped file lists them all, and a mistake is one line with file and key."""

from __future__ import annotations

import re
import tomllib
from datetime import time, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.config import Config, ConfigError, load_config, read_token
from bot.local_time import QuietHours

ROOT = Path(__file__).resolve().parents[2]


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    return file


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, text), env={})
    assert "\n" not in str(caught.value)
    assert "config.toml" in str(caught.value)
    return str(caught.value)


def test_the_shipped_file_says_just_the_defaults() -> None:
    assert load_config(ROOT / "config.toml", env={}).model_dump() == Config().model_dump()


def test_the_shipped_file_lists_every_key_of_every_section() -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    values = tomllib.loads(text)
    for section, field in Config.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            nested = {
                name
                for name, one in model.model_fields.items()
                if isinstance(one.annotation, type) and issubclass(one.annotation, BaseModel)
            }
            assert set(values[section]) == set(model.model_fields) - ({"also"} if section == "chat" else set()), section
            for name in nested:
                assert set(values[section][name]) == set(model.model_fields[name].annotation.model_fields)
    for commented in ("[[chat.also]]", "[[feeds]]", "[[rules]]"):
        assert f"# {commented}" in text


def test_the_commented_parts_of_the_shipped_file_are_valid_too(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    live = re.sub(r"^# (\[\[|\w+ = )", r"\1", text, flags=re.MULTILINE)
    assert "\n[[rules]]" in live
    config = load_config(written(tmp_path, live), env={})
    assert config.rules[0].id == "nvidia-vietnam"
    assert config.feeds[0].name == "Example"


def test_durations_times_and_hours_are_resolved(tmp_path: Path) -> None:
    config = load_config(
        written(
            tmp_path, '[poll]\nevery = "90s"\n[digest]\nat = "06:30"\n[alerts]\nquiet_hours = "22:00-07:00"\n[store]\nkeep_hits = "1d"'
        ),
        env={},
    )
    assert config.poll.every == timedelta(seconds=90)
    assert config.digest.at == time(6, 30)
    assert config.alerts.quiet_hours == QuietHours(time(22), time(7))
    assert config.store.keep_hits == timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ('[poll]\nevry = "15m"', "poll.evry", 'did you mean "every"'),
        ("[pol]\n", "pol", 'did you mean "poll"'),
        ("[poll]\nevery = 15", "poll.every", "expected a duration"),
        ('[poll]\nevery = "15 minutes"', "poll.every", "expected a duration"),
        ('[poll]\nconcurrency = "64"', "poll.concurrency", "a whole number"),
        ('[poll]\nfull_text = "yes"', "poll.full_text", '"never", "hits" or "always"'),
        ('[digest]\ntimezone = "Asia/Hochiminh"', "digest.timezone", 'did you mean "Asia/Ho_Chi_Minh"'),
        ('[digest]\nat = "8am"', "digest.at", "time of day"),
        ('[digest]\nat = "8:5"', "digest.at", "time of day"),
        ('[alerts]\nquiet_hours = "22"', "alerts.quiet_hours", "22:00-07:00"),
        ('[alerts]\nquiet_hours = "22-7"', "alerts.quiet_hours", "22:00-07:00"),
        ('[alerts]\nquiet_hours = "22:00-22:00"', "alerts.quiet_hours", "two different times"),
        ('[poll]\ntimeout = "0s"', "poll.timeout", "at least"),
        ('[poll]\nslowest = "99999999999d"', "poll.slowest", "a hundred years at most"),
        ('[store]\npath = ""', "store.path", "expected some text"),
        ('[chat.telegram]\nbase_url = "http://127.0.0.1:8081"', "chat.telegram.base_url", '"https://api.telegram.org/bot"'),
        ('[chat.telegram]\nbase_url = "ftp://x/bot"', "chat.telegram.base_url", '"https://api.telegram.org/bot"'),
        ('[chat.telegram]\nallowed_chats = ["abc"]', "chat.telegram.allowed_chats[0]", "number of a chat"),
        ("[chat.telegram]\nallowed_chats = [true]", "chat.telegram.allowed_chats[0]", "number of a chat"),
        ('[[rules]]\nid = "x"\nany = ["nvidia"]\nabout = "yes"', "rules[0].about", "true or false"),
        ('[[feeds]]\nurl = "https://a.example/"\noff = 1', "feeds[0].off", "true or false"),
        ("[match]\nsalience = 2.0", "match.salience", "less than or equal to 1"),
        ('[[rules]]\nid = "x"\nany = ["nvidia"]\nsevrity = "alert"', "rules[0].sevrity", 'did you mean "severity"'),
        ('[[rules]]\nid = "x"', "rules[0]", "expected at least one of"),
        ('[[feeds]]\nname = "x"', "feeds[0].url", "missing"),
        ('[poll]\nfastest = "2h"\nslowest = "1h"', "poll.fastest", "at most poll.slowest"),
        ('[web]\npublic_url = "bot.example"', "web.public_url", '"https://bot.example"'),
        ("[poll\n", "not valid TOML", "line 1"),
    ],
)
def test_a_mistake_names_its_key_and_says_what_was_expected(tmp_path: Path, text: str, key: str, expected: str) -> None:
    said = refusal(tmp_path, text)
    assert key in said
    assert expected in said


def test_a_mark_before_the_first_letter_is_no_mistake(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, '\ufeff[poll]\nevery = "90s"'), env={}).poll.every == timedelta(seconds=90)


def test_unknown_entities_in_a_rule_of_the_configuration_are_named(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, '[[rules]]\nid = "mine"\nany = ["nvidai"]'), env={})
    with pytest.raises(ConfigError, match=r"config.toml.*mine.*nvidai"):
        config.load_seeds()


def test_the_file_is_looked_for_in_order(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[store]\npath = "here.db"')
    (tmp_path / "other.toml").write_text('[store]\npath = "there.db"')
    assert load_config(None, env={}, cwd=tmp_path).database == tmp_path / "here.db"
    assert load_config(None, env={"SEEDWATCH_CONFIG": str(tmp_path / "other.toml")}, cwd=tmp_path).database == tmp_path / "there.db"
    assert load_config(None, env={}, cwd=tmp_path / "nowhere").file is None
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "missing.toml", env={}, cwd=tmp_path)


def test_own_seeds_stand_beside_the_configuration_but_never_in_the_package(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, ""), env={}).seeds_folder == tmp_path / "seeds"
    assert load_config(ROOT / "config.toml", env={}).seeds_folder == ROOT / "seedwatch.seeds"


def test_a_named_seeds_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"seeds\.path"):
        load_config(written(tmp_path, '[seeds]\npath = "mine"'), env={}).load_seeds()


def test_the_token_comes_from_the_environment_and_does_not_show(tmp_path: Path) -> None:
    secret = "123456789:" + "A" * 35
    (tmp_path / "token").write_text(secret + "\n")
    assert read_token({}) is None
    for env in ({"TELEGRAM_BOT_TOKEN": secret}, {"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "token")}):
        token = read_token(env)
        assert token is not None
        assert token.get_secret_value() == secret
        assert secret not in repr(token)
    with pytest.raises(ConfigError, match="TELEGRAM_BOT_TOKEN_FILE"):
        read_token({"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "missing")})
