"""Where an optional package is missing, the message says which extra to install, and from where."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from bot import doctor
from bot.config import AppriseSection, Config
from bot.doctor import CheckResult
from tests.support.archive_files import PAGE, PAGES, read, warc
from tests.support.bot_app import config_of
from watchers.archives.source import UnreadableError
from watchers.extras import install_hint

ROOT = Path(__file__).resolve().parents[2]
ARC = b"filedesc://x.arc 0.0.0.0 20241205000000 text/plain 12\n1 0 Example\n\n"


@pytest.mark.parametrize("data", [b"".join(warc(PAGES[:1])), ARC, PAGE.encode(), b"PAR1" + b"\0" * 60])
def test_an_archive_that_needs_an_extra_says_which(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("fastwarc", "resiliparse", "pyarrow"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableError, match=re.escape("needs `pip install '.[archives]'`")):
        read(data)


def test_no_message_sends_people_to_a_package_index() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("watchers/**/*.py"), *ROOT.glob("seeds/**/*.py"), *documents]:
        assert not re.search(r"pip install ['\"]?seedwatch", path.read_text("utf-8")), path


def test_each_hint_names_an_extra_that_there_is() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    sources = [path.read_text("utf-8") for folder in ("bot", "watchers", "seeds") for path in (ROOT / folder).rglob("*.py")]
    named = {name for source in sources for name in re.findall(r"""install_hint\(["'](\w+)["']\)""", source)}
    assert named == {"archives", "charts", "cluster", "notify"}
    assert named <= extras.keys()
    assert "PyPI" not in install_hint("archives")


def also(config: Config, env: dict[str, str]) -> list[CheckResult]:
    """What the doctor says of the other services."""
    return list(doctor.examine_other_chats(config, env))


def test_the_doctor_tells_of_a_service_whose_address_is_not_set() -> None:
    config = config_of()
    assert also(config, {}) == []
    chat = config.chat.model_copy(update={"also": (AppriseSection(url_env="NEWS_URL"),)})
    config = config.model_copy(update={"chat": chat})
    (finding,) = also(config, {"NEWS_URL": " "})
    assert (finding.level, finding.what) == ("bad", "chats")
    assert "NEWS_URL" in finding.said
    assert finding.todo
    (finding,) = also(config, {"NEWS_URL": "json://news.example"})
    assert finding.level == "ok"


def test_the_doctor_tells_that_apprise_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of()
    chat = config.chat.model_copy(update={"also": (AppriseSection(url_env="NEWS_URL"), AppriseSection(url_env="MORE_URL"))})
    config = config.model_copy(update={"chat": chat})
    monkeypatch.setitem(sys.modules, "apprise", None)
    found = also(config, {"NEWS_URL": "json://news.example", "MORE_URL": "json://more.example"})
    assert [finding.level for finding in found] == ["bad"]
    assert install_hint("notify") in found[0].todo
