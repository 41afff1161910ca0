"""What `seedwatch poll` prints for a person: on a pipe one hit a line, however long."""

from __future__ import annotations

import pytest

from bot.cli.poll import print_hits
from bot.store.hits import StoredHit


def hit(title: str, url: str) -> StoredHit:
    return StoredHit(1, 1, "deals", 1, 0.75, "alert", (), "", title, url, "Paper", "f", "en", None, None, sponsored=False)


def test_a_hit_is_a_line_on_a_pipe_whatever_its_title_holds(capsys: pytest.CaptureFixture[str]) -> None:
    long = "Nvidia [bold]signs[/bold] " * 40
    print_hits([hit(long, "https://a.example/1"), hit("\x1b[2J\u202eFPT", ""), hit("", "https://a.example/3")])
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["rule", "score", "title", "address"]
    assert [line.split()[:2] for line in lines] == [["deals", "0.75"]] * 3
    assert long.strip() in lines[0]
    assert lines[0].endswith("https://a.example/1")
    assert "\x1b" not in lines[1]
    assert "\u202e" not in lines[1]
    assert "(no title)" in lines[2]
