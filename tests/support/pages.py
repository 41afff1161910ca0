"""Defines Page: README, CONTRIBUTING and the pages of docs/ as tests read them: code, links, headings and tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text("utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCE.sub("", self.text)

    def blocks(self, *languages: str) -> list[str]:
        """The code blocks in these languages; "" is a block without a language."""
        return [code for language, code in FENCE.findall(self.text) if language in languages]

    @property
    def inline(self) -> list[str]:
        """The text between single backticks, with the escaped bars of tables as plain ones."""
        return [code.replace("\\|", "|") for code in re.findall(r"`([^`\n]+)`", self.prose)]

    @property
    def links(self) -> list[str]:
        """The targets of links and pictures."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose) + re.findall(r'src="([^"]+)"', self.prose)

    @property
    def anchors(self) -> set[str]:
        """The names under which headings can be linked, made as GitHub makes them."""
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in self.headings}

    @property
    def headings(self) -> list[str]:
        """The headings without their marks."""
        return re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)

    def rows(self, heading: str) -> list[list[str]]:
        """The rows of the first table under a heading, without its first two lines."""
        section = self.prose.split(f" {heading}\n", 1)[1].split("\n#", 1)[0]
        lines = [line for line in section.splitlines() if line.startswith("|")][2:]
        return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


README, CONTRIBUTING = Page(ROOT / "README.md"), Page(ROOT / "CONTRIBUTING.md")
DOCS = {path.stem: Page(path) for path in sorted((ROOT / "docs").glob("*.md"))}
PAGES = (README, CONTRIBUTING, *DOCS.values())


def name_of(page: Page) -> str:
    """The name of a page in the list of tests."""
    return page.path.name
