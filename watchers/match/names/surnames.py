"""Defines `as_surname`, `ends_with_surname`, `person_goes_on` and `inside_a_name`: where the letters of a watched name are part of a
person's or another name.

"Daniel Amkor" is a man, "An Huy Mỹ Việt" a housing estate. Signs stand right beside the name; no list of people. Values only.
"""

from __future__ import annotations

import re

from watchers.match.language.prefilter import PrefilteredRegex
from watchers.match.language.vietnamese_names import COUNTRIES, SURNAMES, is_syllable

_GIVEN = (
    "Daniel|Michael|David|James|Robert|William|Richard|Joseph|Thomas|Christopher|Charles|Matthew|Anthony|Steven|Andrew|Paul|Joshua|Kenneth|"
    "Kevin|Brian|George|Timothy|Ronald|Edward|Jason|Jeffrey|Ryan|Jacob|Gary|Nicholas|Eric|Jonathan|Stephen|Larry|Justin|Scott|Brandon|"
    "Benjamin|Samuel|Gregory|Alexander|Patrick|Dennis|Jerry|Tyler|Aaron|Adam|Nathan|Henry|Zachary|Douglas|Peter|Kyle|Noah|Ethan|Jeremy|"
    "Walter|Keith|Roger|Terry|Harry|Ralph|Sean|Louis|Bruce|Eugene|Carl|Arthur|Mary|Patricia|Jennifer|Linda|Elizabeth|Barbara|Susan|Jessica|"
    "Karen|Sarah|Lisa|Nancy|Sandra|Betty|Ashley|Emily|Kimberly|Margaret|Donna|Michelle|Carol|Amanda|Melissa|Deborah|Stephanie|Rebecca|"
    "Sharon|Laura|Cynthia|Dorothy|Amy|Kathleen|Angela|Shirley|Emma|Brenda|Pamela|Nicole|Anna|Samantha|Katherine|Christine|Helen|Debra|"
    "Rachel|Carolyn|Janet|Maria|Catherine|Heather|Diane|Olivia|Julie|Joyce|Ruth|Lauren|Kelly|Christina|Joan|Evelyn|Judith|Andrea|Hannah|"
    "Megan|Cheryl|Jacqueline|Martha|Teresa|Gloria|Sara|Janice|Kathryn|Abigail|Sophia|Frances|Alice|Judy|Isabella|Julia|Denise|Danielle|"
    "Marilyn|Diana|Natalie|Theresa|Kayla"
)
"""Given names that are no verb, place or product: "Sue", "Grant", "Mark", "Austin" and "Grace" begin headlines about companies."""
_BEFORE = PrefilteredRegex(
    rf"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir)\.?|\b(?:{_GIVEN})(?:\s[A-Z]\.)?|(?:^|[\s(“\"])(?:[Ôô]ng|[Bb]à|[Cc]hị|[Cc]ô))\s$",
    ("Mr", "Ms", "Miss", "Dr", "Prof", "Sir", *_GIVEN.split("|"), "ng", "à", "hị", "ô"),
)
_AGED = re.compile(r"^,\s\d{2},\s(?:of|from|who|was|said|has|had|is|a|an|the|told|died|won)\b")
REACH = 24
"""Characters on each side in which the signs stand."""


def as_surname(before: str, after: str) -> bool:
    """Whether a name of one word is a person's: a form of address or a given name stands before it, or an age behind."""
    return bool(_BEFORE.search(before[-REACH:]) or _AGED.match(after[:REACH]))


def ends_with_surname(before: str) -> bool:
    """Whether the last word is a Vietnamese surname or a middle name, behind which a given name follows: "Trần Thị"."""
    word = "".join(before.split()[-1:])
    return word in SURNAMES or word == "Thị"


def person_goes_on(words: str, after: str) -> bool:
    """Whether these words are the beginning of a longer Vietnamese person's name: "Trương Hải" before "Long"."""
    following = _RIGHT.match(after)
    return words.split(maxsplit=1)[0] in SURNAMES and following is not None and _syllable(following["word"])


_LEFT = re.compile(r"(?:^|(?P<end>[.!?…:;\"“(\n]\s?)|\s)(?P<word>\w+)\s$")
_RIGHT = re.compile(r"^\s(?P<word>\w+)")
_OFFICES = frozenset(("Bang", "Kỳ", "Hội", "Viện", "Phủ", "Thống", "Tướng", "Giao", "Mại", "Chính", "Phòng", "Án", "Quân", "Nước", "Bộ",
                      "Tế", "Sứ", "Quán", "Sĩ", "Dân", "Lục", "Không", "Binh", "Việt", "Châu", "Bắc", "Gia", "Loan", "Rằng"))
"""Syllables with a capital by habit before a state's name: "Liên Bang Nga", "Hạ Viện Mỹ"."""
_ACCENT = re.compile(r"[^\x00-\x7f]")
_TITLE_CASE = 0.6


def inside_a_name(before: str, after: str) -> bool:
    """Whether a state's name of one syllable is a syllable of another Vietnamese name: another with a capital stands right beside it, and
    the words around do not all have one."""
    around = [word for word in (before + after).split() if word[0].isalpha()]
    if len(around) > 2 and sum(word[0].isupper() for word in around) > _TITLE_CASE * len(around):
        around_left = before.split()
        if not around_left or not around_left[-1][0].isupper():
            return False
    left, right = _LEFT.search(before), _RIGHT.match(after)
    return bool((left and _syllable(left["word"]) and not _opens(before, left) and left["word"] not in _OFFICES)
                or (right and _syllable(right["word"]) and _ACCENT.search(right["word"]) and right["word"] not in SURNAMES))


def _syllable(word: str) -> bool:
    lower = word.lower()
    return word[:1].isupper() and not word.isupper() and is_syllable(lower) and lower not in COUNTRIES


def _opens(before: str, left: re.Match[str]) -> bool:
    """Whether the word stands at the start of a sentence, where its capital tells nothing."""
    ahead = before[:left.start("word")].rstrip()[-1:]
    return left["end"] is not None or ahead in {".", "!", "?", "…", ":", "\n", ""}
