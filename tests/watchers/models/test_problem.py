"""Codes of problems and their English sentences."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path
from string import Formatter

import pytest

import watchers
from watchers.http.address_rules import AddressRefusedError, check_url
from watchers.models.problem import SENTENCES, Problem, ProblemError
from watchers.parsing.parse import NotAFeedError

SOURCES = [path.read_text("utf-8") for path in Path(watchers.__path__[0]).rglob("*.py")]


def calls(name: str) -> list[ast.Call]:
    """All calls of that function in the package whose first argument is a literal."""
    nodes = [node for source in SOURCES for node in ast.walk(ast.parse(source))]
    found = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name]
    return [call for call in found if call.args and isinstance(call.args[0], ast.Constant)]


def test_every_code_has_a_sentence_with_the_arguments_that_are_given() -> None:
    problems = calls("Problem")
    assert len(problems) > 40
    for call in problems:
        code = call.args[0].value  # type: ignore[attr-defined]
        names = {key.value for key in call.args[1].keys} if len(call.args) > 1 and isinstance(call.args[1], ast.Dict) else None  # type: ignore[attr-defined]
        slots = {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
        assert names is None or names == slots, code
        assert names is not None or len(call.args) > 1 or not slots, code


def test_every_code_is_used() -> None:
    text = "\n".join(source for source in SOURCES if "SENTENCES: Mapping" not in source)
    used = set(re.findall(r'"([a-z_0-9.]+)"', text))
    used |= {f"address.{call.args[0].value}" for call in calls("AddressRefusedError")}  # type: ignore[attr-defined]
    used |= {f"redirect.{call.args[0].value}" for call in calls("error")}  # type: ignore[attr-defined]
    used |= {f"{call.args[0].value}.because" for call in calls("_with_reason")}  # type: ignore[attr-defined]
    assert set(SENTENCES) - used == set()


def test_an_error_keeps_its_problem_on_its_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(NotAFeedError(Problem("not_a_feed.unreadable", {"words": "KeyError"}))))
    assert isinstance(error, ProblemError)
    assert (str(error), error.problem.code) == ("not a feed that can be read (KeyError)", "not_a_feed.unreadable")


def test_a_refused_address_says_why() -> None:
    with pytest.raises(AddressRefusedError) as error:
        check_url("http://localhost/")
    assert error.value.problem == Problem("address.host", {"host": "localhost"})
