"""Defines the syntax of the patterns of event types, and expands patterns to plain phrases.

A pattern is a sequence of words. `buy~` matches every form of the verb (buys, bought, buying), `factory+` singular and plural, `(a|b c)`
either alternative, `x?` with or without x, `..` up to six words between (`..3` up to three). `{company}`, `{person}`, `{government}`,
`{organization}`, `{place}`, `{product}`, `{money}` and `{number}` match a known name or a figure of that kind, `{control}` a share of more
than half ("60%"), `{org}` a company, government or organization, `{any}` any known name. Letter case is ignored; accents are not.

This module reads no texts: `watchers.match.events.pattern_matcher` matches the phrases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

WORD = re.compile(r"[^\W\d_][^\W_]+(?:[&+][^\W_]+)*|\{[a-z]+\}|(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*|['’]s\b|[^\W_]+(?:[&+][^\W_]+)*|[^\s\w]")
"""One word, in patterns and in texts. A hyphen inside a word separates two words and is not a word itself."""

KINDS = ("company", "person", "government", "organization", "place", "product", "money", "number", "control")
_CLASSES = {"{org}": ("{company}", "{government}", "{organization}"), "{any}": tuple(f"{{{kind}}}" for kind in KINDS[:6])}

DEFAULT_GAP = 6
"""Maximum number of words that `..` matches: about a noun phrase with its article and adjectives, and a name."""
_MAX_PHRASES = 4000
_ELEMENT = re.compile(r"\.\.(?P<gap>\d*)|\((?P<group>[^()]+)\)(?P<gmark>[~+?]*)|(?P<word>[^\s()]+)")

_IRREGULAR = {
    "be": "is are was were been being", "begin": "begins began begun beginning", "bring": "brings brought bringing",
    "break": "breaks broke broken breaking",
    "build": "builds built building", "buy": "buys bought buying", "choose": "chooses chose chosen choosing",
    "come": "comes came coming", "cut": "cuts cutting", "deal": "deals dealt dealing", "do": "does did done doing",
    "draw": "draws drew drawn drawing", "drive": "drives drove driven driving", "fall": "falls fell fallen falling",
    "fight": "fights fought fighting",
    "find": "finds found finding", "fly": "flies flew flown flying", "get": "gets got getting", "give": "gives gave given giving",
    "go": "goes went gone going", "grow": "grows grew grown growing", "have": "has had having", "hit": "hits hitting",
    "hold": "holds held holding", "keep": "keeps kept keeping", "lay": "lays laid laying", "lead": "leads led leading",
    "leave": "leaves left leaving", "lend": "lends lent lending", "let": "lets letting", "lose": "loses lost losing",
    "make": "makes made making", "meet": "meets met meeting", "overtake": "overtakes overtook overtaken overtaking",
    "pay": "pays paid paying",
    "put": "puts putting", "read": "reads reading", "rise": "rises rose risen rising", "run": "runs ran running",
    "see": "sees saw seen seeing",
    "seek": "seeks sought seeking", "sell": "sells sold selling", "send": "sends sent sending", "set": "sets setting",
    "shake": "shakes shook shaken shaking", "shed": "sheds shedding", "shrink": "shrinks shrank shrunk shrinking", "shut": "shuts shutting",
    "sink": "sinks sank sunk sinking", "slide": "slides slid sliding", "speak": "speaks spoke spoken speaking",
    "spend": "spends spent spending", "split": "splits splitting", "spring": "springs sprang sprung springing",
    "stand": "stands stood standing",
    "step": "steps stepped stepping", "strike": "strikes struck striking", "swing": "swings swung swinging",
    "take": "takes took taken taking", "tell": "tells told telling",
    "throw": "throws threw thrown throwing", "undergo": "undergoes underwent undergone undergoing",
    "undertake": "undertakes undertook undertaken undertaking",
    "win": "wins won winning", "withdraw": "withdraws withdrew withdrawn withdrawing", "write": "writes wrote written writing",
    "ink": "inks inked inking", "sue": "sues sued suing", "tie": "ties tied tying", "die": "dies died dying", "say": "says said saying",
    "show": "shows showed shown showing",
    "become": "becomes became becoming", "quit": "quits quitting", "bet": "bets betting", "know": "knows knew known knowing",
    "outsell": "outsells outsold outselling", "resell": "resells resold reselling", "rebuild": "rebuilds rebuilt rebuilding",
    "spread": "spreads spreading", "steal": "steals stole stolen stealing", "freeze": "freezes froze frozen freezing",
    "think": "thinks thought thinking", "understand": "understands understood understanding",
    "oversee": "oversees oversaw overseen overseeing",
    "withhold": "withholds withheld withholding", "offset": "offsets offsetting", "spin": "spins spun spinning",
    "uphold": "upholds upheld upholding", "beat": "beats beaten beating", "forecast": "forecasts forecasted forecasting",
    "overhaul": "overhauls overhauled overhauling",
    "travel": "travels traveled travelled traveling travelling", "cancel": "cancels canceled cancelled canceling cancelling",
    "total": "totals totaled totalled totaling totalling", "tumble": "tumbles tumbled tumbling", "license": "licenses licensed licensing",
    "level": "levels leveled levelled leveling levelling", "focus": "focuses focused focusing",
}
_DOUBLING = frozenset((
    "bag", "ban", "bar", "beg", "log", "pop", "tip", "rebut", "bid", "chip", "chop", "clap", "dip", "drop", "fit", "jam", "nab", "net",
    "permit", "plan", "plot", "prop",
    "rip", "scrap", "ship", "shop", "sit", "skid", "slam", "slap", "slip", "snap", "spin", "spur", "stop", "strip", "swap", "tap",
    "top", "trim", "unplug", "whip", "refer", "commit", "submit", "admit", "omit",
))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern. Each part is a set of phrases (tuples of words); `gaps[i]` is the maximum number of words after part i."""

    source: str
    parts: tuple[tuple[tuple[str, ...], ...], ...]
    gaps: tuple[int, ...]


def words(text: str) -> tuple[str, ...]:
    """Returns the words of `text` in lower case, without hyphens inside words."""
    return tuple(match for match in WORD.findall(text.lower()) if match != "-")


def verb_forms(base: str) -> tuple[str, ...]:
    """Returns an English verb and its forms: `acquire` → acquire, acquires, acquired, acquiring."""
    if base in _IRREGULAR:
        return (base, *_IRREGULAR[base].split())
    if base.endswith("e"):
        return (base, base + "s", base + "d", base[:-1] + "ing")
    if base.endswith("y") and base[-2:-1] not in set("aeiou"):
        return (base, base[:-1] + "ies", base[:-1] + "ied", base + "ing")
    stem = base + base[-1] if base in _DOUBLING else base
    return (base, plural(base), stem + "ed", stem + "ing")


def plural(noun: str) -> str:
    """Returns the regular English plural, also the third person of a verb: `factory` → factories, `plant` → plants."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in set("aeiou"):
        return noun[:-1] + "ies"
    return noun + "s"


def parse_pattern(source: str) -> Pattern:
    """Parses a pattern. Raises ValueError with a one-line message."""
    parts: list[list[list[tuple[str, ...]]]] = [[]]
    gaps: list[int] = []
    for element in _ELEMENT.finditer(source):
        if element["group"] is None and element["word"] is None:
            if not parts[-1]:
                raise ValueError(f'pattern {source!r}: ".." needs words before and after it')
            gaps.append(int(element["gap"] or DEFAULT_GAP))
            parts.append([])
            continue
        text, marks = (element["group"], element["gmark"]) if element["group"] else _marks(element["word"])
        parts[-1].append(_choices(source, text, marks))
    if not parts[-1]:
        raise ValueError(f'pattern {source!r}: expected words{", also after .." if gaps else ""}')
    if any(gap > 20 for gap in gaps):
        raise ValueError(f'pattern {source!r}: expected at most 20 words in "..N"')
    return Pattern(source, tuple(_phrases(source, part) for part in parts), tuple(gaps))


def _marks(word: str) -> tuple[str, str]:
    text = word.rstrip("~+?")
    return text, word[len(text):]


def _choices(source: str, text: str, marks: str) -> list[tuple[str, ...]]:
    """Returns all spellings of one element, among them the empty tuple if the element is optional."""
    spellings: list[tuple[str, ...]] = [()] if "?" in marks else []
    for alternative in text.split("|"):
        plain, own_marks = _marks(alternative.strip())
        alternative_words = words(plain)
        if not alternative_words:
            raise ValueError(f"pattern {source!r}: expected a word beside | or a mark")
        for word in alternative_words:
            if word.startswith("{") and word not in _CLASSES and word[1:-1] not in KINDS:
                raise ValueError(f"pattern {source!r}: unknown kind {word}; expected one of {', '.join(KINDS)}, org, any")
        first_words = verb_forms(alternative_words[0]) if "~" in own_marks + marks else (alternative_words[0],)
        for spelling in ((first, *alternative_words[1:]) for first in first_words):
            spellings.append(spelling)
            if "+" in own_marks + marks:
                spellings.append((*spelling[:-1], plural(spelling[-1])))
    return [concrete for spelling in spellings for concrete in product(*(_CLASSES.get(word, (word,)) for word in spelling))]


def _phrases(source: str, part: list[list[tuple[str, ...]]]) -> tuple[tuple[str, ...], ...]:
    size = 1
    for choices in part:
        size *= len(choices)
    if size > _MAX_PHRASES:
        raise ValueError(f"pattern {source!r}: stands for {size} phrases; expected at most {_MAX_PHRASES}, split it")
    phrases = {tuple(word for piece in choice for word in piece) for choice in product(*part)}
    phrases.discard(())  # "a? b?" needs at least one of its words
    return tuple(sorted(phrases))
