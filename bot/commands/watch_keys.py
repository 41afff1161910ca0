"""Answers the keys and messages of the /watch dialogues: each step changes the draft and shows what it would have caught."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.callbacks import Rows
from bot.commands.answer import Answer, Ask, Command, Reply, lines, text
from bot.commands.drafts import RULE_OF, Draft
from bot.commands.finding import entity_name, event_name, find_entity, in_config, linked, yes_no
from bot.commands.preview import Caught, caught
from bot.config import ConfigError
from bot.deliver.markup import Run, clean, shorten
from bot.deliver.message import Button
from bot.own_seeds import OwnSeedsError, content_of, put_entry, restore, take_entry
from bot.store.dialogues import Dialogue, close_dialogue, read_dialogue, step
from bot.texts import Html, word
from bot.texts.reasons import reason_in

if TYPE_CHECKING:
    from bot.store import Store

INPUTS = {"near": "near", "notnear": "not_near", "names": "names", "ents": "entities", "words": "words"}
"""Step of a key → field of the draft whose words the next message gives."""


@dataclass(frozen=True)
class Prepared:
    """A draft with what it would have caught."""

    draft: Draft
    caught: Caught


@dataclass(frozen=True)
class Done:
    """The dialogue is over, with this sentence."""

    said: Html


@dataclass(frozen=True)
class Wait:
    """The draft waits for words."""

    draft: Draft


@dataclass(frozen=True)
class Types:
    """The event types are chosen."""

    draft: Draft


def watch_key(ask: Ask, label: str, dialogue: int, what: str, **parts: object) -> Button:
    """A key of the dialogue."""
    return ask.key(label, "w", f"{dialogue}.{what}", **parts)


def drafted(ask: Ask, dialogue: int, prepared: Prepared) -> Reply:
    """The draft in words, what it would have caught, and the keys."""
    draft = prepared.draft
    rows = [ask.say("watch_draft", name=draft.name), *_conditions(ask, draft)]
    if draft.what == "entity" and not (draft.near or draft.not_near):
        rows += [Html(""), ask.say("watch_short" if draft.doubtful else "watch_unique")]
    if draft.empty:
        rows += [Html(""), ask.say("watch_rule_empty")]
    else:
        found = prepared.caught
        said = "watch_caught" if found.count else "watch_caught_none"
        rows += [Html(""), ask.say(said, count=found.count, looked=found.looked)]
        for title, url, why in found.titles:
            rows.append(ask.say("watch_caught_line", title=linked(title, url, limit=100)))
            if why:
                rows.append(Html(Run(f"  {shorten(clean(reason_in(ask.lang, why, ask.seeds.naming)), 120)}", italic=True).html()))
    return Reply(Html("\n".join(rows)), _keys(ask, dialogue, draft))


def _conditions(ask: Ask, draft: Draft) -> list[Html]:
    rows = []
    if draft.what == "entity":
        if draft.names:
            rows.append(ask.say("watch_draft_names", names=", ".join((draft.name, *draft.names))))
        if draft.case:
            rows.append(ask.say("watch_draft_case", yes=yes_no(ask.lang, value=True)))
        given = [(key, getattr(draft, key)) for key in ("near", "not_near")]
        rows += [ask.say(f"watch_draft_{key}", words=", ".join(words)) for key, words in given if words]
    else:
        if draft.entities:
            rows.append(ask.say("watch_draft_entities", names=", ".join(entity_name(ask, one) for one in draft.entities)))
        if draft.words:
            rows.append(ask.say("watch_draft_words", words=", ".join(draft.words)))
        rows.append(ask.say("watch_draft_events", events=_events(ask, draft.events)))
    if not draft.tells:
        return rows
    rows.append(ask.say("watch_draft_about", yes=yes_no(ask.lang, value=draft.about)))
    return [*rows, ask.say("watch_draft_severity", how=word(ask.lang, f"key_{draft.severity}").lower())]


def _events(ask: Ask, events: Sequence[str]) -> str:
    return ", ".join(event_name(ask, one) for one in events) or word(ask.lang, "key_any_event")


def _keys(ask: Ask, dialogue: int, draft: Draft) -> Rows:
    def key(label: str, what: str, **parts: object) -> Button:
        return watch_key(ask, label, dialogue, what, **parts)

    if draft.what == "entity":
        near = (key("key_near", "near"), key("key_not_near", "notnear"))
        first: Rows = (near, (key("key_case_any" if draft.case else "key_case", "case"), key("key_names", "names")))
    else:
        shown = _events(ask, draft.events[:3]) + ("…" if len(draft.events) > 3 else "")
        first = ((key("key_entities", "ents"), key("key_words", "words")), (key("key_events", "events", events=shown),))
    how = (
        key("key_about_any" if draft.about else "key_about", "about"),
        key("key_digest" if draft.severity == "alert" else "key_alert", "sev"),
    )
    end = (key("key_cancel", "cancel"),) if draft.empty else (key("key_keep", "keep"), key("key_cancel", "cancel"))
    return (*first, how, end) if draft.tells else (*first, end)


# --- what a key or a message does to the draft ------------------------------------------------------------------------------------


async def fetch(ask: Ask) -> Any:
    """The outcome of the step; files are written here, which is safe to repeat. None: the dialogue is not (or no longer) this one."""
    dialogue = await ask.desk.thread.read(read_dialogue, ask.chat, ask.person, ask.now)
    if dialogue is None or dialogue.kind != "watch":
        return None
    if not ask.pressed:
        return dialogue, await _take_words(ask, Draft.from_state(dialogue.state))
    number, _, what = ask.words.partition(":")[2].partition(".")
    if number != str(dialogue.id):
        return None
    return dialogue, await _take_key(ask, dialogue, what)


async def _take_words(ask: Ask, draft: Draft) -> Any:
    field = draft.waits
    changed = draft.with_words(ask.words)
    if field == "entities":
        named = {one: find_entity(ask.seeds, one).entity for one in changed.entities}
        unknown = [one for one, entity in named.items() if entity is None]
        if unknown:
            return ask.say("watch_unknown_entity", names=", ".join(unknown))
        changed = replace(changed, entities=tuple(dict.fromkeys(entity.id for entity in named.values() if entity)))
    return await _prepared(ask, changed)


async def _prepared(ask: Ask, draft: Draft) -> Any:
    try:
        return Prepared(draft, await caught(ask.desk, draft, ask.now))
    except ValidationError as error:
        return ask.say("watch_not_kept", problem=error.errors()[0]["msg"].removeprefix("Value error, "))


async def _take_key(ask: Ask, dialogue: Dialogue, what: str) -> Any:  # noqa: PLR0911 - a table of cases
    if what == "cancel":
        return Done(ask.say("cancelled"))
    if dialogue.state["what"] == "remove":
        return await _remove(ask, dialogue) if what == "yes" else None
    draft = replace(Draft.from_state(dialogue.state), waits="")
    if what == "keep":
        return await _keep(ask, draft)
    if what in INPUTS:
        return Wait(replace(draft, waits=INPUTS[what]))
    if what == "events":
        return Types(draft)
    if what.startswith("e."):
        kind = what[2:]
        events = tuple(one for one in draft.events if one != kind) if kind in draft.events else (*draft.events, kind)
        return Types(replace(draft, events=events)) if kind in ask.seeds.events else None
    changes: dict[str, Any] = {
        "case": {"case": None if draft.case else True},
        "about": {"about": not draft.about},
        "sev": {"severity": "digest" if draft.severity == "alert" else "alert"},
        "draft": {},
    }
    return await _prepared(ask, replace(draft, **changes[what])) if what in changes else None


async def _keep(ask: Ask, draft: Draft) -> Done:
    entry = draft.rule_entry()
    if draft.tells and in_config(ask, entry["id"]):
        return Done(ask.say("watch_config_rule", name=draft.name, id=entry["id"]))
    entries = [("rules", entry)] if draft.tells else []
    if draft.what == "entity":
        entries.insert(0, ("entities", draft.entity_entry()))
    folder = ask.config.seeds_folder

    def put() -> list[str]:
        return [str(put_entry(folder, table, entry).name) for table, entry in entries]

    problem, files = await change_seeds(ask, [table for table, _ in entries], put)
    if problem is not None:
        return Done(ask.say("watch_not_kept", problem=problem))
    where = ", ".join(f"{folder.name}/{one}" for one in files)
    return Done(ask.say("watch_kept" if draft.what == "entity" else "watch_rule_kept", name=draft.name, file=where))


async def _remove(ask: Ask, dialogue: Dialogue) -> Done:
    state = dialogue.state
    folder = ask.config.seeds_folder

    def take() -> list[str]:
        take_entry(folder, state["table"], state["id"])
        if state["table"] == "entities":
            take_entry(folder, "rules", RULE_OF + state["id"])
        return []

    problem, _ = await change_seeds(ask, ["entities", "rules"], take)
    return Done(ask.say("watch_not_kept", problem=problem) if problem is not None else ask.say("watch_removed", name=state["name"]))


async def change_seeds(ask: Ask, tables: list[str], change: Any) -> tuple[str | None, list[str]]:
    """Changes files of the seeds folder and puts the whole to work; what is wrong is undone and said. (problem, what `change` gave)."""
    folder = ask.config.seeds_folder
    before = {table: await asyncio.to_thread(content_of, folder, table) for table in tables}
    try:
        given = await asyncio.to_thread(change)
        await ask.desk.reload_seeds()
    except OwnSeedsError as error:
        return str(error), []
    except (ConfigError, ValueError) as error:
        for table, content in before.items():
            await asyncio.to_thread(restore, folder, table, content)
        return str(error), []
    return None, given


# --- what is said ----------------------------------------------------------------------------------------------------------------


def write(store: Store, ask: Ask) -> Answer:  # noqa: PLR0911 - a table of cases
    """Writes where the dialogue stands and says so: a key changes the message that it stands under, words are answered."""
    if ask.fetched is None:
        if ask.pressed:
            return Answer(toast=word(ask.lang, "dialogue_over"), alarm=True, keys=())
        return text(ask.say("dialogue_over"))
    dialogue, outcome = ask.fetched
    match outcome:
        case None:
            return Answer(toast=word(ask.lang, "old_button"), alarm=True)
        case Done():
            close_dialogue(store, ask.chat, ask.person)
            return Answer(text(outcome.said).replies, keys=())
        case Prepared():
            step(store, dialogue.id, outcome.draft.to_state(), ask.now)
            return Answer((replace(drafted(ask, dialogue.id, outcome), edits=ask.pressed),))
        case Wait():
            step(store, dialogue.id, outcome.draft.to_state(), ask.now)
            question = ask.say(f"watch_input_{outcome.draft.waits}")
            hint = [] if ask.private else [ask.say("group_hint")]
            return Answer((Reply(lines([question, *hint]), force_reply=True),))
        case Types():
            step(store, dialogue.id, outcome.draft.to_state(), ask.now)
            return Answer(keys=_type_keys(ask, dialogue.id, outcome.draft))
        case _:
            return text(outcome)


def _type_keys(ask: Ask, dialogue: int, draft: Draft) -> Rows:
    keys = [
        ask.named_key(("✓ " if one.id in draft.events else "") + event_name(ask, one.id), "w", f"{dialogue}.e.{one.id}")
        for one in ask.seeds.events.values()
        if one.reported
    ]
    rows = [tuple(keys[at : at + 3]) for at in range(0, len(keys), 3)]
    return (*rows, (watch_key(ask, "key_back", dialogue, "draft"),))


_STEP = Command(fetch=fetch, write=write, admin=True)
KEYS = {"w": _STEP}
DIALOGUE = _STEP
