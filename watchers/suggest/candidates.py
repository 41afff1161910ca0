"""Defines NameCandidate and `candidates_of`: groups the occurrences of all documents by name, and joins spellings and short forms.

A candidate is probably a name; `kinds` estimates its kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from watchers.suggest.lexicon import Country, capital_cities, country_adjectives, country_names, lexicon, name_key
from watchers.suggest.occurrences import Occurrence
from watchers.suggest.sentences import DocumentSentence, joined


@dataclass(eq=False)
class NameCandidate:
    """One name with its spellings. `short` are forms that mean it only near the long form ("Huang"); `country` is set for countries."""

    key: str
    occurrences: list[Occurrence] = field(default_factory=list)
    short: set[str] = field(default_factory=set)
    country: Country | None = None
    headlines: int = 0

    @property
    def spellings(self) -> Counter[str]:
        """Counts each spelling in the texts, without adjectives of countries."""
        return Counter(occurrence.text for occurrence in self.occurrences if not occurrence.adjective)

    @property
    def display(self) -> str:
        """The name to show: a country's usual name, else the most frequent long form."""
        if self.country:
            return self.country.name
        best = sorted(self.spellings.items(), key=lambda item: (item[0] in self.short, -item[1], item[0].isupper(), item[0]))
        return best[0][0]

    @property
    def words(self) -> list[str]:
        """The words of `display`."""
        return self.display.split()

    @property
    def mentions(self) -> int:
        """The number of mentions, headlines included."""
        return sum(not occurrence.adjective for occurrence in self.occurrences) + self.headlines

    @property
    def documents(self) -> set[int]:
        """The numbers of the documents that mention it."""
        return {occurrence.sentence.document for occurrence in self.occurrences if not occurrence.adjective}

    def first(self) -> tuple[int, int]:
        """Returns its first position: the order of the sentence, and the token in it."""
        return min((occurrence.sentence.order, occurrence.start) for occurrence in self.occurrences)


def candidates_of(occurrences: Iterable[Occurrence], sentences: list[DocumentSentence]) -> list[NameCandidate]:
    """Returns the candidates among the occurrences, in the order of the texts."""
    occurrences = list(occurrences)
    named = [occurrence for occurrence in occurrences if not occurrence.adjective]
    adjectives = [occurrence for occurrence in occurrences if occurrence.adjective]
    groups = _group_by_name(_split_double_names(named))
    small = _small_words(sentences)
    names = {key: candidate for key, candidate in groups.items() if candidate.country or _is_name(candidate, small)}
    _join_short_forms(names)
    for adjective in adjectives:
        country = names.get(name_key(country_adjectives()[adjective.text].name))
        if country:
            country.occurrences.append(adjective)
    _count_headlines(names.values(), sentences)
    return sorted(names.values(), key=NameCandidate.first)


def _split_double_names(occurrences: list[Occurrence]) -> list[Occurrence]:
    """Splits capitalised words that are two names: "Danish Ørsted", "CEO Nvidia Jensen Huang". The parts must occur alone elsewhere."""
    alone = {name_key(occurrence.text) for occurrence in occurrences}
    free = {name_key(occurrence.text) for occurrence in occurrences if not _follows_office(occurrence)}
    parts: list[Occurrence] = []
    for occurrence in occurrences:
        cut = _split_point(occurrence, alone, free)
        parts += [replace(occurrence, end=cut), replace(occurrence, start=cut)] if cut else [occurrence]
    return [replace(part, adjective=True) if part.text in country_adjectives() else part for part in parts]


def _follows_office(occurrence: Occurrence) -> bool:
    return occurrence.before.rstrip().endswith(tuple(f" {office}" for office in lexicon(_lang(occurrence)).offices))


def _split_point(occurrence: Occurrence, alone: set[str], free: set[str]) -> int:
    """Returns the token at which the second name starts; 0 for a single name.

    `alone` are keys of all names, `free` of those that do not follow an office.
    """
    tokens = occurrence.sentence.tokens
    for cut in range(occurrence.end - 1, occurrence.start, -1):
        left, right = joined(tokens[occurrence.start : cut]), joined(tokens[cut : occurrence.end])
        opening = occurrence.initial and left.lower() in lexicon(_lang(occurrence)).common
        if (opening or left in country_adjectives()) and name_key(right) in alone:
            return cut
        # After an office, the left part can be its organisation or country: "CEO Nvidia | Jensen Huang".
        is_organization = left in country_names() or (name_key(left) in alone and (occurrence.end - cut >= 2 or name_key(right) in alone))
        if is_organization and _follows_office(occurrence) and name_key(occurrence.text) not in free and name_key(left) != name_key(right):
            return cut
    return 0


def _lang(occurrence: Occurrence) -> str:
    return "vi" if occurrence.sentence.lang == "vi" else "en"


def _group_by_name(occurrences: list[Occurrence]) -> dict[str, NameCandidate]:
    groups: dict[str, NameCandidate] = {}
    for occurrence in occurrences:
        if occurrence.adjective:
            continue
        country = country_names().get(occurrence.text)
        key = name_key(country.name if country else occurrence.text)
        if key:
            groups.setdefault(key, NameCandidate(key, country=country)).occurrences.append(occurrence)
    return groups


def _small_words(sentences: list[DocumentSentence]) -> Counter[str]:
    return Counter(token.text for sentence in sentences for token in sentence.tokens if token.text.islower())


def _is_name(candidate: NameCandidate, small: Counter[str]) -> bool:
    """Returns False for a word that has its capital only as the first word of a sentence, and for words that are never names."""
    text = candidate.display
    words = lexicon(_lang(candidate.occurrences[0]))
    lower = text.lower()
    ordinary = words.starters | words.common | words.heads | words.company_nouns | words.product_nouns | words.surnames
    if len(text) < 2 or lower in ordinary:
        return False
    if candidate.words[-1].lower() in words.occasions and len(candidate.words) > 1:
        return False
    inside = sum(not occurrence.initial for occurrence in candidate.occurrences)
    if len(candidate.words) == 1 and small[lower] >= max(inside, 1):
        return False
    if inside or text in capital_cities():
        return True
    return len(candidate.words) > 1 or _is_used_as_name(candidate)


def _is_used_as_name(candidate: NameCandidate) -> bool:
    """Checks a word that only starts sentences: a verb of acting, a possessive, brackets or a comma must follow it somewhere."""
    for occurrence in candidate.occurrences:
        acting = lexicon(_lang(occurrence)).acting
        after = occurrence.after.lstrip()
        named_as_source = occurrence.before.rstrip().endswith("source:")
        if named_as_source or after.startswith(("'s ", "’s ", "(", ", ")) or any(after.startswith(f"{word} ") for word in acting):
            return True
    return False


def _join_short_forms(groups: dict[str, NameCandidate]) -> None:
    """Joins "Huang" to "Jensen Huang", "Alderney" to "Alderney Biosciences", "EMA" to "European Medicines Agency (EMA)"."""
    by_last: dict[str, list[NameCandidate]] = defaultdict(list)
    by_first: dict[str, list[NameCandidate]] = defaultdict(list)
    for group in groups.values():
        if not group.country and len(group.words) > 1:
            by_last[name_key(group.words[-1])].append(group)
            by_first[name_key(group.words[0])].append(group)
    for key, candidate in list(groups.items()):
        if candidate.country:
            continue
        if len(candidate.words) != 1:
            longer = _vietnamese_long_form(candidate, groups.values())
        else:
            longer = _by_initials(candidate, groups.values()) or _only(by_last[key], candidate) or _only(by_first[key], candidate)
        if longer is None:
            continue
        if not _is_unambiguous(longer, candidate):
            longer.short.update(candidate.spellings)
        longer.occurrences += candidate.occurrences
        del groups[key]


def _only(longer: list[NameCandidate], short: NameCandidate) -> NameCandidate | None:
    """Returns the only long form, if `short` can be its short form: a frequent short form must come after its long form."""
    if len(longer) != 1:
        return None
    if longer[0].first()[0] > short.first()[0] and len(short.occurrences) > 1 and not _has_legal_form(longer[0]):
        return None
    words = lexicon(_lang(short.occurrences[0]))
    rest = [word.lower().strip(".") for word in longer[0].words[1:]]
    division = any(word in words.company_heads and word not in words.legal_forms for word in rest)
    if division and longer[0].first() > short.first():
        return None  # "FPT" came first: "FPT Software" is a part of it
    return None if any(word in words.place_heads - words.company_heads for word in rest) else longer[0]


def _has_legal_form(candidate: NameCandidate) -> bool:
    legal = lexicon(_lang(candidate.occurrences[0])).legal_forms
    return all(word.lower().strip(".") in legal for word in candidate.words[1:])


def _is_unambiguous(longer: NameCandidate, short: NameCandidate) -> bool:
    """Returns True if the short form alone means the same: a company's short name does, a person's last name does not."""
    return _has_legal_form(longer) or short.display.isupper() or name_key(longer.words[0]) == short.key or len(short.words) > 1


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())


def _is_institution(candidate: NameCandidate) -> bool:
    words = lexicon(_lang(candidate.occurrences[0]))
    own = candidate.display.lower()
    return any(own.startswith(f"{head} ") or own.endswith(f" {head}") for head in words.government_heads | words.organization_heads)


def _vietnamese_long_form(short: NameCandidate, others: Iterable[NameCandidate]) -> NameCandidate | None:
    """Returns the only name that ends with the Vietnamese name `short`: "Thủy sản Mỹ Hưng" for "Mỹ Hưng"; None if there are several."""
    if short.occurrences[0].sentence.lang != "vi":
        return None
    length = len(short.words)
    longer = [candidate for candidate in others if len(candidate.words) > length and candidate.words[-length:] == short.words]
    return longer[0] if len(longer) == 1 else None


def _by_initials(short: NameCandidate, others: Iterable[NameCandidate]) -> NameCandidate | None:
    """Returns the long name before "(EMA)". EMA must be its initials, unless it is an institution: those can be of another language."""
    if not short.display.isupper():
        return None
    brackets = f" ({short.display.lower()})"
    for candidate in others:
        fits = len(candidate.words) > 1 and (_initials(candidate.display) == short.display or _is_institution(candidate))
        if fits and any(occurrence.after.startswith(brackets) for occurrence in candidate.occurrences):
            return candidate
    return None


def _count_headlines(candidates: Iterable[NameCandidate], sentences: list[DocumentSentence]) -> None:
    titles = [sentence for sentence in sentences if sentence.title_case]
    for candidate in candidates:
        for spelling in candidate.spellings:
            candidate.headlines += sum(f" {spelling} " in f" {' '.join(token.text for token in title.tokens)} " for title in titles)
