"""Answers /watch: what is watched, and the beginnings of the dialogues that add, change and remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.commands.answer import Answer, Ask, Command, Reply, lines, text
from bot.commands.drafts import RULE_OF, Draft, draft_of, draft_of_rule, entity_id
from bot.commands.finding import find_entity, find_rule, hits_by_entity, hits_by_rule, unknown_entity
from bot.commands.here import shown
from bot.commands.preview import caught
from bot.commands.watch_keys import Prepared, drafted, watch_key
from bot.own_seeds import OwnSeedsError, own_entries
from bot.store.dialogues import open_dialogue
from bot.texts import Html

if TYPE_CHECKING:
    from bot.store import Store

LIST = 80
NAME = 80
_VERBS = {
    "add": "add", "thêm": "add", "them": "add", "edit": "edit", "sửa": "edit", "sua": "edit",
    "remove": "remove", "xóa": "remove", "xoa": "remove", "delete": "remove", "rule": "rule", "rules": "rule",
    "here": "here", "đây": "here",
}  # fmt: skip


def parts_of(ask: Ask) -> tuple[str, str]:
    """("add", "Foxconn"); ("", "") for the list alone, ("add", words) for words without a verb."""
    verb, _, rest = ask.words.partition(" ")
    known = _VERBS.get(verb.lower(), "")
    return (known, " ".join(rest.split())) if known else ("add" if ask.words else "", " ".join(ask.words.split()))


async def fetch(ask: Ask) -> Any:  # noqa: PLR0911 - a table of cases
    """The draft with what it would have caught; the own entries for the list; None where nothing is needed."""
    verb, name = parts_of(ask)
    try:
        own = {table: own_entries(ask.config.seeds_folder, table) for table in ("entities", "rules")}
    except OwnSeedsError as error:
        return ask.say("watch_not_kept", problem=str(error))
    if not verb:
        return own
    if verb == "here":
        return shown(ask)
    if not ask.admin:
        return ask.say("only_admin")
    if not name:
        return ask.say("watch_add_ask" if verb == "add" else "watch_which")
    try:
        draft = _draft(ask, verb, name, own)
    except (ValidationError, ValueError) as error:
        return ask.say("watch_bad_name", name=name[:NAME], problem=_problem(error))
    if not isinstance(draft, Draft):
        return draft
    return Prepared(draft, await caught(ask.desk, draft, ask.now))


def _problem(error: Exception) -> str:
    return error.errors()[0]["msg"].removeprefix("Value error, ") if isinstance(error, ValidationError) else str(error)


def _draft(ask: Ask, verb: str, name: str, own: dict[str, dict[str, Any]]) -> Draft | Html | tuple[str, str, str]:  # noqa: PLR0911 - a table of cases
    """What the dialogue begins with; a sentence instead when there is nothing to begin; (table, id, name) for a removal."""
    if len(name) > NAME:
        raise ValueError(f"expected at most {NAME} characters")
    found = find_entity(ask.seeds, name)
    if verb == "rule":
        rule = find_rule(ask.seeds, name)
        return draft_of_rule(rule) if rule else Draft("rule", entity_id(name), name, waits="")
    if verb == "add":
        if found.entity is not None and found.entity.watched:
            return ask.say("watch_exists", name=found.entity.name, id=found.entity.id)
        draft = draft_of(found.entity, None, tells=True) if found.entity else Draft("entity", entity_id(name), name)
        draft.entity()
        return draft
    if found.entity is not None:
        entity = found.entity
        if verb == "edit":
            rule = ask.seeds.rules.get(RULE_OF + entity.id)
            return draft_of(entity, rule, tells=rule is not None)
        if entity.id in own["entities"]:
            return ("entities", entity.id, entity.name)
        return ask.say("watch_packaged", name=entity.name, id=entity.id)
    rule = find_rule(ask.seeds, name)
    if rule is not None and verb == "edit":
        return draft_of_rule(rule)
    if rule is not None and rule.id in own["rules"]:
        return ("rules", rule.id, rule.title)
    return ask.say("watch_packaged", name=rule.title, id=rule.id) if rule else unknown_entity(ask, name, found)


def write(store: Store, ask: Ask) -> Answer:
    """The list, a question, a sentence, or the first step of a dialogue."""
    given = ask.fetched
    if isinstance(given, Reply):
        return Answer((given,))
    if isinstance(given, Prepared):
        dialogue = open_dialogue(store, ask.chat, ask.person, "watch", state=given.draft.to_state(), now=ask.now)
        return Answer((drafted(ask, dialogue, given),))
    if isinstance(given, tuple):
        table, name, title = given
        state = {"what": "remove", "table": table, "id": name, "name": title}
        dialogue = open_dialogue(store, ask.chat, ask.person, "watch", state=state, now=ask.now)
        question = ask.say("watch_remove_ask" if table == "entities" else "watch_remove_rule_ask", name=title)
        return Answer((Reply(question, ((watch_key(ask, "key_yes", dialogue, "yes"), watch_key(ask, "key_cancel", dialogue, "cancel")),)),))
    return _listed(store, ask, given) if isinstance(given, dict) else text(given)


def _listed(store: Store, ask: Ask, own: dict[str, dict[str, Any]]) -> Answer:
    by_entity, by_rule = hits_by_entity(store, ask.now), hits_by_rule(store, ask.now)
    watched = sorted((one for one in ask.seeds.entities.values() if one.watched), key=lambda one: (-by_entity.get(one.id, 0), one.name))
    names = [
        ask.say("watch_own" if one.id in own["entities"] else "watch_line", name=one.name, count=by_entity.get(one.id, 0))
        for one in watched[:LIST]
    ]
    rules = sorted(ask.seeds.rules.values(), key=lambda one: (-by_rule.get(one.id, 0), one.id))
    said = [ask.say("watch_rule_line", name=one.title, id=one.id, count=by_rule.get(one.id, 0)) for one in rules[:LIST]]
    usage = [Html(""), ask.say("watch_usage")] if ask.admin else []
    return text(lines([ask.say("watch_head"), *names]), Html(""), lines([ask.say("watch_rules"), *said]), *usage)


COMMAND = Command(fetch=fetch, write=write)
