"""Defines `problem_text`: why a feed or an address could not be read, in the language of a chat."""

from __future__ import annotations

from bot.i18n.translate import t_plain
from watchers.models.problem import Problem


def problem_text(lang: str, problem: Problem | str) -> str:
    """The problem as plain text. A string is the English sentence of an older database; it is returned unchanged."""
    if isinstance(problem, str):
        return problem
    args = {name: problem_text(lang, value) if isinstance(value, Problem) else value for name, value in problem.args.items()}
    return t_plain(lang, f"problem.{problem.code}", **args)
