"""Defines NameCandidate and `candidates_of`: the sightings of all documents, gathered by name, spellings and short forms joined.

A candidate is a name that is probably one; of what kind it is, `kinds` says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from watchers.suggest.lexicon import Country, capital_cities, country_adjectives, country_names, lexicon, name_key
from watchers.suggest.sentences import Sentence, joined
from watchers.suggest.sightings import Sighting


@dataclass(eq=False)
class NameCandidate:
    """One name with its spellings. `short` are forms that only mean it beside the long one ("Huang"); `country` is set for countries."""

    key: str
    sightings: list[Sighting] = field(default_factory=list)
    short: set[str] = field(default_factory=set)
    country: Country | None = None
    headlines: int = 0

    @property
    def spellings(self) -> Counter[str]:
        """How often each spelling stands in the texts, adjectives of countries left out."""
        return Counter(sighting.text for sighting in self.sightings if not sighting.adjective)

    @property
    def display(self) -> str:
        """How it is shown: a country's usual name, else the long form that is most frequent."""
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
        """How often it is named, headlines included."""
        return sum(not sighting.adjective for sighting in self.sightings) + self.headlines

    @property
    def documents(self) -> set[int]:
        """In which documents."""
        return {sighting.sentence.document for sighting in self.sightings if not sighting.adjective}

    def first(self) -> tuple[int, int]:
        """Where it stands first: order of the sentence, place in it."""
        return min((sighting.sentence.order, sighting.start) for sighting in self.sightings)


def candidates_of(sightings: Iterable[Sighting], sentences: list[Sentence]) -> list[NameCandidate]:
    """The names among the sightings, in the order in which the texts bring them."""
    sightings = list(sightings)
    named = [sighting for sighting in sightings if not sighting.adjective]
    adjectives = [sighting for sighting in sightings if sighting.adjective]
    groups = _grouped(_recut(named))
    small = _small_words(sentences)
    kept = {key: candidate for key, candidate in groups.items() if candidate.country or _is_name(candidate, small)}
    _join_short_forms(kept)
    for adjective in adjectives:
        country = kept.get(name_key(country_adjectives()[adjective.text].name))
        if country:
            country.sightings.append(adjective)
    _count_headlines(kept.values(), sentences)
    return sorted(kept.values(), key=NameCandidate.first)


def _recut(sightings: list[Sighting]) -> list[Sighting]:
    """Runs of capitals that hold two names: "Danish Ørsted", "CEO Nvidia Jensen Huang". Cut where the parts stand alone elsewhere."""
    alone = {name_key(sighting.text) for sighting in sightings}
    free = {name_key(sighting.text) for sighting in sightings if not _behind_office(sighting)}
    found: list[Sighting] = []
    for sighting in sightings:
        cut = _cut_place(sighting, alone, free)
        found += [replace(sighting, end=cut), replace(sighting, start=cut)] if cut else [sighting]
    return [replace(one, adjective=True) if one.text in country_adjectives() else one for one in found]


def _behind_office(sighting: Sighting) -> bool:
    return sighting.before.rstrip().endswith(tuple(f" {office}" for office in lexicon(_lang(sighting)).offices))


def _cut_place(sighting: Sighting, alone: set[str], free: set[str]) -> int:
    tokens = sighting.sentence.tokens
    for cut in range(sighting.end - 1, sighting.start, -1):
        left, right = joined(tokens[sighting.start : cut]), joined(tokens[cut : sighting.end])
        opening = sighting.initial and left.lower() in lexicon(_lang(sighting)).common
        if (opening or left in country_adjectives()) and name_key(right) in alone:
            return cut
        whose = left in country_names() or (name_key(left) in alone and (sighting.end - cut >= 2 or name_key(right) in alone))
        if whose and _behind_office(sighting) and name_key(sighting.text) not in free and name_key(left) != name_key(right):
            return cut
    return 0


def _lang(sighting: Sighting) -> str:
    return "vi" if sighting.sentence.lang == "vi" else "en"


def _grouped(sightings: list[Sighting]) -> dict[str, NameCandidate]:
    groups: dict[str, NameCandidate] = {}
    for sighting in sightings:
        if sighting.adjective:
            continue
        country = country_names().get(sighting.text)
        key = name_key(country.name if country else sighting.text)
        if key:
            groups.setdefault(key, NameCandidate(key, country=country)).sightings.append(sighting)
    return groups


def _small_words(sentences: list[Sentence]) -> Counter[str]:
    return Counter(token.text for sentence in sentences for token in sentence.tokens if token.text.islower())


def _is_name(candidate: NameCandidate, small: Counter[str]) -> bool:
    """False for a word that only its place in the sentence made capital, and for words that are no names in any place."""
    text = candidate.display
    words = lexicon(_lang(candidate.sightings[0]))
    lower = text.lower()
    ordinary = words.starters | words.common | words.heads | words.company_nouns | words.product_nouns | words.surnames
    if len(text) < 2 or lower in ordinary:
        return False
    if candidate.words[-1].lower() in words.occasions and len(candidate.words) > 1:
        return False
    inside = sum(not sighting.initial for sighting in candidate.sightings)
    if len(candidate.words) == 1 and small[lower] >= max(inside, 1):
        return False
    if inside or text in capital_cities():
        return True
    return len(candidate.words) > 1 or _acts(candidate)


def _acts(candidate: NameCandidate) -> bool:
    """Every sighting opens a sentence: believed when the next word is what names do or have, or brackets or a second name follow."""
    for sighting in candidate.sightings:
        acting = lexicon(_lang(sighting)).acting
        after = sighting.after.lstrip()
        named_as_source = sighting.before.rstrip().endswith("source:")
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
            longer = _headed(candidate, groups.values())
        else:
            longer = _initialled(candidate, groups.values()) or _only(by_last[key], candidate) or _only(by_first[key], candidate)
        if longer is None:
            continue
        if not _stands_alone(longer, candidate):
            longer.short.update(candidate.spellings)
        longer.sightings += candidate.sightings
        del groups[key]


def _only(longer: list[NameCandidate], short: NameCandidate) -> NameCandidate | None:
    """The one long form that `short` can stand for: introduced before it, and not itself the rarer one."""
    if len(longer) != 1:
        return None
    if longer[0].first()[0] > short.first()[0] and len(short.sightings) > 1 and not _legal(longer[0]):
        return None
    words = lexicon(_lang(short.sightings[0]))
    rest = [word.lower().strip(".") for word in longer[0].words[1:]]
    division = any(word in words.company_heads and word not in words.legal_forms for word in rest)
    if division and longer[0].first() > short.first():
        return None  # "FPT" came first: "FPT Software" is a part of it
    return None if any(word in words.place_heads - words.company_heads for word in rest) else longer[0]


def _legal(candidate: NameCandidate) -> bool:
    legal = lexicon(_lang(candidate.sightings[0])).legal_forms
    return all(word.lower().strip(".") in legal for word in candidate.words[1:])


def _stands_alone(longer: NameCandidate, short: NameCandidate) -> bool:
    """A company's short name means it anywhere; a person's last name alone does not."""
    return _legal(longer) or short.display.isupper() or name_key(longer.words[0]) == short.key or len(short.words) > 1


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())


def _institution(candidate: NameCandidate) -> bool:
    words = lexicon(_lang(candidate.sightings[0]))
    own = candidate.display.lower()
    return any(own.startswith(f"{head} ") or own.endswith(f" {head}") for head in words.government_heads | words.organization_heads)


def _headed(short: NameCandidate, others: Iterable[NameCandidate]) -> NameCandidate | None:
    """Vietnamese says what a company does in front of its name: "Mỹ Hưng" is "Thủy sản Mỹ Hưng", where only one is so called."""
    if short.sightings[0].sentence.lang != "vi":
        return None
    length = len(short.words)
    longer = [candidate for candidate in others if len(candidate.words) > length and candidate.words[-length:] == short.words]
    return longer[0] if len(longer) == 1 else None


def _initialled(short: NameCandidate, others: Iterable[NameCandidate]) -> NameCandidate | None:
    """The long name in front of "(EMA)": these are its initials, or it is an institution, whose letters may be another language's."""
    if not short.display.isupper():
        return None
    brackets = f" ({short.display.lower()})"
    for candidate in others:
        fits = len(candidate.words) > 1 and (_initials(candidate.display) == short.display or _institution(candidate))
        if fits and any(sight.after.startswith(brackets) for sight in candidate.sightings):
            return candidate
    return None


def _count_headlines(candidates: Iterable[NameCandidate], sentences: list[Sentence]) -> None:
    titles = [sentence for sentence in sentences if sentence.title_case]
    for candidate in candidates:
        for spelling in candidate.spellings:
            candidate.headlines += sum(f" {spelling} " in f" {' '.join(token.text for token in title.tokens)} " for title in titles)
