"""Answers /watch: lists what is watched, and starts the conversations that add, edit and remove."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.commands.command import Command, ReplyMessage, Request, Response, join_lines, text
from bot.commands.drafts import RULE_OF, Notice, WatchDraft, draft_of, draft_of_rule, entity_id
from bot.commands.lookup import MONTH, find_entity, find_rule, in_config, unknown_entity
from bot.commands.preview import preview_hits
from bot.commands.subscriptions import shown
from bot.commands.watch_dialogue import DraftPreview, drafted, watch_key
from bot.config import ConfigError
from bot.i18n.translate import Markup
from bot.store.conversations import open_dialogue
from bot.store.daily_counts import hits_by_rule, items_by_entity
from bot.user_seeds.toml_files import OwnSeedsError, own_entries

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.entities import Entity
    from seeds.load import Seeds
    from seeds.rules import Rule

Own = dict[str, dict[str, Any]]
"""The user's own entries, by table and id."""
LIST = 80
NAME = 80
_VERBS = {
    "add": "add", "thêm": "add", "them": "add", "edit": "edit", "sửa": "edit", "sua": "edit",
    "remove": "remove", "xóa": "remove", "xoa": "remove", "delete": "remove", "rule": "rule", "rules": "rule",
    "here": "here", "đây": "here",
}  # fmt: skip


def parts_of(request: Request) -> tuple[str, str]:
    """Splits the arguments: ("add", "Foxconn"); ("", "") for the list, ("add", words) for words without a verb."""
    verb, _, rest = request.words.partition(" ")
    known = _VERBS.get(verb.lower(), "")
    return (known, " ".join(rest.split())) if known else ("add" if request.words else "", " ".join(request.words.split()))


async def fetch(request: Request) -> Any:  # noqa: PLR0911 - a table of cases
    """Returns the draft with its preview; the user's own entries for the list; or a sentence."""
    verb, name = parts_of(request)
    try:
        own = {table: await asyncio.to_thread(own_entries, request.config.seeds_folder, table) for table in ("entities", "rules")}
        if not verb:
            return own
        if verb == "here":
            return shown(request)
        if not request.admin:
            return request.say("only_admin")
        if not name:
            return request.say("watch_add_ask" if verb == "add" else "watch_which")
        # Loads the files again: another command or an editor may have changed them.
        seeds = await asyncio.to_thread(request.config.load_seeds)
        draft = _draft(request, verb, name, seeds, own)
    except ValidationError as error:
        return request.say("watch_not_kept", problem=error.errors()[0]["msg"].removeprefix("Value error, "))
    except (OwnSeedsError, ConfigError) as error:
        return request.say("watch_not_kept", problem=str(error))
    if not isinstance(draft, WatchDraft):
        return draft
    draft = replace(draft, stands=draft.standing(seeds))
    return DraftPreview(draft, await preview_hits(request.services, draft, request.now))


def _draft(request: Request, verb: str, name: str, seeds: Seeds, own: Own) -> WatchDraft | Markup | tuple[str, str, str]:  # noqa: PLR0911 - a table of cases
    """Returns the draft the conversation starts with; a sentence if none starts; (table, id, name) for a removal."""
    if len(name) > NAME:
        return request.say("watch_long_name", count=NAME)
    if not any(sign.isalnum() for sign in name):
        return request.say("watch_bad_name", name=name)
    found = find_entity(seeds, name)
    rule = find_rule(seeds, name)
    if verb == "rule":
        return _rule_draft(request, rule, notice="there") if rule else WatchDraft("rule", entity_id(name), name, waits="")
    if verb == "add":
        return _added(request, name, found.entity, seeds)
    if found.entity is not None:
        entity = found.entity
        if verb == "edit":
            its = seeds.rules.get(RULE_OF + entity.id)
            return draft_of(entity, its, tells=its is not None and not in_config(request, its.id))
        if entity.id in own["entities"]:
            return ("entities", entity.id, entity.name_in(request.lang))
        return request.say("watch_packaged", name=entity.name_in(request.lang), id=entity.id)
    if rule is not None and (verb == "edit" or in_config(request, rule.id)):
        return _rule_draft(request, rule)
    if rule is not None and rule.id in own["rules"]:
        return ("rules", rule.id, rule.title_in(request.lang))
    return request.say("watch_packaged", name=rule.title_in(request.lang), id=rule.id) if rule else unknown_entity(request, name, found)


def _added(request: Request, name: str, entity: Entity | None, seeds: Seeds) -> WatchDraft | Markup:
    """Returns the draft for a new name; `entity` is the entity that already has this name."""
    if entity is not None and entity.watched:
        return request.say("watch_exists", name=entity.name_in(request.lang), id=entity.id)
    draft = WatchDraft("entity", entity_id(name), name)
    its = seeds.rules.get(RULE_OF + entity.id if entity else draft.rule_id)
    alone = its is not None and its.any == (entity.id if entity else draft.id,)
    if entity is not None:
        draft = draft_of(entity, its if alone else None, tells=True)
    draft.entity()
    return replace(draft, notice="clash") if its is not None and not alone else draft


def _rule_draft(request: Request, rule: Rule, *, notice: Notice = "") -> WatchDraft | Markup:
    """Returns a draft that edits the rule. A rule of config.toml cannot be edited here, because config.toml takes precedence."""
    if in_config(request, rule.id):
        return request.say("watch_config_rule", name=rule.title_in(request.lang), id=rule.id)
    return replace(draft_of_rule(rule, request.lang), notice=notice)


def write(store: Store, request: Request) -> Response:
    """Shows the list, a question, a sentence, or the first step of a conversation."""
    given = request.fetched
    if isinstance(given, ReplyMessage):
        return Response((given,))
    if isinstance(given, DraftPreview):
        dialogue = open_dialogue(store, request.chat, request.person, "watch", state=given.draft.to_state(), now=request.now)
        return Response((drafted(request, dialogue, given),))
    if isinstance(given, tuple):
        table, name, title = given
        state = {"what": "remove", "table": table, "id": name, "name": title}
        dialogue = open_dialogue(store, request.chat, request.person, "watch", state=state, now=request.now)
        question = request.say("watch_remove_ask" if table == "entities" else "watch_remove_rule_ask", name=title)
        buttons = (watch_key(request, "button.yes", dialogue, "yes"), watch_key(request, "button.cancel", dialogue, "cancel"))
        return Response((ReplyMessage(question, (buttons,)),))
    return _listed(store, request, given) if isinstance(given, dict) else text(given)


def _listed(store: Store, request: Request, own: Own) -> Response:
    by_entity, by_rule = items_by_entity(store, request.now - MONTH), hits_by_rule(store, request.now - MONTH)
    watched = sorted(
        (entity for entity in request.seeds.entities.values() if entity.watched),
        key=lambda entity: (-by_entity.get(entity.id, 0), entity.name),
    )
    names = [
        request.say(
            "watch_own" if one.id in own["entities"] else "watch_line", name=one.name_in(request.lang), count=by_entity.get(one.id, 0)
        )
        for one in watched[:LIST]
    ]
    rules = sorted(request.seeds.rules.values(), key=lambda rule: (-by_rule.get(rule.id, 0), rule.id))
    said = [
        request.say("watch_rule_line", name=rule.title_in(request.lang), id=rule.id, count=by_rule.get(rule.id, 0)) for rule in rules[:LIST]
    ]
    usage = [Markup(""), request.say("watch_usage")] if request.admin else []
    return text(join_lines([request.say("watch_head"), *names]), Markup(""), join_lines([request.say("watch_rules"), *said]), *usage)


COMMAND = Command(fetch=fetch, write=write)
