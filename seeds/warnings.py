"""Defines SeedWarning and `check_warnings`: find entries that load but are probably mistakes. `seedwatch seeds check` shows them.

Examples: a rule that can never hit, two rules with the same conditions, a name of two entities, a rule that no feed uses.
Pure: seeds in, warnings out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seeds.ambiguity import ambiguous_names
from seeds.entities import Entity
from seeds.error_messages import suggest_spelling
from seeds.feeds import Feed, address_identity
from seeds.load import Seeds
from seeds.rules import Rule


@dataclass(frozen=True)
class SeedWarning:
    """A warning: the kind of entry ("rules"), its id, the key ("" for the entry itself) and a one-line description."""

    kind: str
    where: str
    key: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.kind, self.where, self.key, self.problem) if part)


def check_warnings(seeds: Seeds) -> list[SeedWarning]:
    """Returns all warnings, entities first, each kind in file order."""
    return [
        *_shared_names(seeds.entities),
        *(SeedWarning("entities", entity_id, "names", problem) for entity_id, _, problem in ambiguous_names(seeds.entities)),
        *(warning for rule in seeds.rules.values() for warning in _impossible_conditions(rule, seeds)),
        *_equal_rules(seeds.rules),
        *_unused_rules(seeds),
        *_equal_feed_names(seeds.feeds),
    ]


def _shared_names(entities: Mapping[str, Entity]) -> Iterator[SeedWarning]:
    """Finds spellings that two entities have without a condition that distinguishes them."""
    owners: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for entity in entities.values():
        for name in entity.all_names():
            conditions = name.model_dump(exclude={"text", "lang", "case"}, exclude_defaults=True)
            if not conditions:
                owners[name.text.casefold(), name.lang].append(entity.id)
    for (text, lang), ids in owners.items():
        everywhere = owners.get((text, None), []) if lang else []
        distinct = list(dict.fromkeys([*ids, *everywhere]))
        if len(distinct) > 1:
            problem = f'"{text}" is a name of {_quoted_list(distinct[1:])} too; give one of them a condition (near, not_near, lang)'
            yield SeedWarning("entities", distinct[0], "names", problem)


def _impossible_conditions(rule: Rule, seeds: Seeds) -> Iterator[SeedWarning]:
    """Finds reasons why a rule can never hit."""
    never = "can never hit: "
    for key in ("any", "all"):
        entity_ids = getattr(rule, key)
        excluded = [entity_id for entity_id in entity_ids if _is_excluded(entity_id, rule, seeds.entities)]
        if excluded and (key == "all" or len(excluded) == len(entity_ids)):
            yield SeedWarning("rules", rule.id, key, f"{never}{_quoted_list(excluded)} in none too")
    groups = [group for group in rule.groups if not all(_is_excluded(entity_id, rule, seeds.entities) for entity_id in group)]
    if rule.groups and len(groups) < 2:
        yield SeedWarning(
            "rules", rule.id, "groups", f"{never}two of the groups must be there; expected at least two that none leaves over"
        )
    words = {word.casefold() for word in rule.words}
    if words and words <= {word.casefold() for word in rule.not_words}:
        yield SeedWarning("rules", rule.id, "words", f"{never}every word stands in not_words too")
    yield from _feed_warnings(rule, seeds.feeds)


def _feed_warnings(rule: Rule, feeds: tuple[Feed, ...]) -> Iterator[SeedWarning]:
    """Finds unknown feeds of a rule, and languages that none of its feeds has."""
    never = "can never hit: "
    rule_feeds = [feed for feed in feeds if feed.name in rule.feeds or address_identity(feed.url) in map(address_identity, rule.feeds)]
    feed_names = {name for feed in rule_feeds for name in (feed.name, address_identity(feed.url))}
    unknown = [name for name in rule.feeds if name not in feed_names and address_identity(name) not in feed_names]
    if unknown:
        hint = suggest_spelling(unknown[0], [feed.name for feed in feeds])
        yield SeedWarning("rules", rule.id, "feeds", f"no feed of the seeds is called {_quoted_list(unknown)}{hint}")
    languages = {feed.lang for feed in rule_feeds}
    if rule_feeds and not unknown and rule.languages and "" not in languages and not languages & set(rule.languages):
        yield SeedWarning("rules", rule.id, "languages", f"{never}its feeds are in {_quoted_list(sorted(languages))}")


def _is_excluded(entity: str, rule: Rule, entities: Mapping[str, Entity]) -> bool:
    """Returns True if `none` contains the entity or, with subsidiaries, the group it belongs to. The rule never hits with it."""
    entity_id: str | None = entity
    for _ in range(len(entities) + 1):
        if entity_id is None:
            return False
        if entity_id in rule.none:
            return True
        entity_id = entities[entity_id].part_of if rule.subsidiaries and entity_id in entities else None
    return False


def _equal_rules(rules: Mapping[str, Rule]) -> Iterator[SeedWarning]:
    """Finds rules with the same conditions; a conflict if one alerts and the other goes to the digest only."""
    seen: dict[str, Rule] = {}
    for rule in rules.values():
        conditions = rule.model_dump_json(exclude={"id", "name", "severity"})
        first = seen.setdefault(conditions, rule)
        if first is not rule:
            conflict = f", but with severity {first.severity}" if first.severity != rule.severity else ""
            yield SeedWarning("rules", rule.id, "", f'has the same conditions as "{first.id}"{conflict}')


def _unused_rules(seeds: Seeds) -> Iterator[SeedWarning]:
    """Finds rules that no feed uses, because every feed lists other rules."""
    if not seeds.feeds or any(not feed.rules for feed in seeds.feeds):
        return
    used = {rule_id for feed in seeds.feeds for rule_id in feed.rules}
    for rule in seeds.rules.values():
        if rule.id not in used:
            yield SeedWarning("rules", rule.id, "", "can never hit: every feed names its rules, and none names this one")


def _equal_feed_names(feeds: tuple[Feed, ...]) -> Iterator[SeedWarning]:
    seen: dict[str, Feed] = {}
    for feed in feeds:
        first = seen.setdefault(feed.title.casefold(), feed)
        if first is not feed:
            yield SeedWarning("feeds", feed.url, "name", f'"{feed.title}" is the name of {first.url} too')


def _quoted_list(words: list[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
