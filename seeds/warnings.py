"""Defines SeedWarning and `check_warnings`: what loads but probably is not what somebody meant. `seedwatch seeds check` lists these.

A rule that can never hit, two rules that say the same, one name that two entities own, feeds and rules that miss each other.
Pure: seeds in, doubts out.
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
    """A warning: the kind of entry ("rules"), its id, the key ("" for the entry as a whole) and what is doubtful, in one line."""

    kind: str
    where: str
    key: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.kind, self.where, self.key, self.problem) if part)


def check_warnings(seeds: Seeds) -> list[SeedWarning]:
    """All doubts, entities first, each kind in file order."""
    return [
        *_shared_names(seeds.entities),
        *(SeedWarning("entities", one, "names", problem) for one, _, problem in ambiguous_names(seeds.entities)),
        *(doubt for rule in seeds.rules.values() for doubt in _rule_doubts(rule, seeds)),
        *_equal_rules(seeds.rules),
        *_unheld_rules(seeds),
        *_equal_feed_names(seeds.feeds),
    ]


def _shared_names(entities: Mapping[str, Entity]) -> Iterator[SeedWarning]:
    """A spelling that two entities own, without a condition that tells them apart: only one of them can be meant."""
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
            problem = f'"{text}" is a name of {_all(distinct[1:])} too; give one of them a condition (near, not_near, lang)'
            yield SeedWarning("entities", distinct[0], "names", problem)


def _rule_doubts(rule: Rule, seeds: Seeds) -> Iterator[SeedWarning]:
    """Reasons why a rule can never hit."""
    never = "can never hit: "
    for key in ("any", "all"):
        wanted = getattr(rule, key)
        refused = [one for one in wanted if _refused(one, rule, seeds.entities)]
        if refused and (key == "all" or len(refused) == len(wanted)):
            yield SeedWarning("rules", rule.id, key, f"{never}{_all(refused)} in none too")
    groups = [group for group in rule.groups if not all(_refused(one, rule, seeds.entities) for one in group)]
    if rule.groups and len(groups) < 2:
        yield SeedWarning(
            "rules", rule.id, "groups", f"{never}two of the groups must be there; expected at least two that none leaves over"
        )
    words = {word.casefold() for word in rule.words}
    if words and words <= {word.casefold() for word in rule.not_words}:
        yield SeedWarning("rules", rule.id, "words", f"{never}every word stands in not_words too")
    yield from _feed_doubts(rule, seeds.feeds)


def _feed_doubts(rule: Rule, feeds: tuple[Feed, ...]) -> Iterator[SeedWarning]:
    never = "can never hit: "
    known = [feed for feed in feeds if feed.name in rule.feeds or address_identity(feed.url) in map(address_identity, rule.feeds)]
    found = {name for feed in known for name in (feed.name, address_identity(feed.url))}
    unknown = [one for one in rule.feeds if one not in found and address_identity(one) not in found]
    if unknown:
        hint = suggest_spelling(unknown[0], [feed.name for feed in feeds])
        yield SeedWarning("rules", rule.id, "feeds", f"no feed of the seeds is called {_all(unknown)}{hint}")
    heard = {feed.lang for feed in known if feed.lang}
    if known and not unknown and rule.languages and len(heard) == len({feed.lang for feed in known}) and not heard & set(rule.languages):
        yield SeedWarning("rules", rule.id, "languages", f"{never}its feeds are in {_all(sorted(heard))}")


def _refused(entity: str, rule: Rule, entities: Mapping[str, Entity]) -> bool:
    """A mention of the entity always breaks the rule: it, or with subsidiaries the group it belongs to, stands in `none`."""
    here: str | None = entity
    for _ in range(len(entities) + 1):
        if here is None:
            return False
        if here in rule.none:
            return True
        here = entities[here].part_of if rule.subsidiaries and here in entities else None
    return False


def _equal_rules(rules: Mapping[str, Rule]) -> Iterator[SeedWarning]:
    """Rules with the same conditions: a slip, and a conflict where one alerts and the other waits for the digest."""
    seen: dict[str, Rule] = {}
    for rule in rules.values():
        conditions = rule.model_dump_json(exclude={"id", "name", "severity"})
        first = seen.setdefault(conditions, rule)
        if first is not rule:
            conflict = f", but with severity {first.severity}" if first.severity != rule.severity else ""
            yield SeedWarning("rules", rule.id, "", f'has the same conditions as "{first.id}"{conflict}')


def _unheld_rules(seeds: Seeds) -> Iterator[SeedWarning]:
    """Rules that no feed is held against, because every feed names others."""
    if not seeds.feeds or any(not feed.rules for feed in seeds.feeds):
        return
    held = {rule for feed in seeds.feeds for rule in feed.rules}
    for rule in seeds.rules.values():
        if rule.id not in held:
            yield SeedWarning("rules", rule.id, "", "can never hit: every feed names its rules, and none names this one")


def _equal_feed_names(feeds: tuple[Feed, ...]) -> Iterator[SeedWarning]:
    seen: dict[str, Feed] = {}
    for feed in feeds:
        first = seen.setdefault(feed.title.casefold(), feed)
        if first is not feed:
            yield SeedWarning("feeds", feed.url, "name", f'"{feed.title}" is the name of {first.url} too')


def _all(words: list[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
