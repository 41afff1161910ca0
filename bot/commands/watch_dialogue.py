"""Handles the buttons and messages of the /watch conversations: each step edits the draft and shows what it would have matched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.commands.command import Command, ReplyMessage, Request, Response, join_lines, text
from bot.commands.drafts import RULE_OF, WatchDraft
from bot.commands.lookup import entity_name, event_name, find_entity, in_config, linked, spelling_keys, yes_no
from bot.commands.preview import PreviewResult, preview_hits
from bot.commands.spelling import name_key
from bot.config import ConfigError
from bot.i18n.reasons import reason_in
from bot.i18n.translate import Markup, t_plain
from bot.message import Button, Rows
from bot.render.markup import Span, shorten
from bot.sanitize import clean
from bot.store.conversations import Conversation, close_dialogue, read_dialogue, step
from bot.user_seeds.toml_files import Change, OwnSeedsError, RemoveEntry, SaveEntry, change_entries, hold_seeds

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

SOME, DOUBTS = 12, 4
"""Maximum words of a list, and maximum doubts of a draft, that are shown."""
INPUTS = {"near": "near", "notnear": "not_near", "names": "names", "ents": "entities", "words": "words"}
"""Step of a button → field of the draft that the next message fills."""


@dataclass(frozen=True)
class DraftPreview:
    """A draft with its preview."""

    draft: WatchDraft
    caught: PreviewResult


@dataclass(frozen=True)
class EndDialogue:
    """The conversation ends with this sentence."""

    said: Markup


@dataclass(frozen=True)
class AwaitInput:
    """The draft waits for a message."""

    draft: WatchDraft


@dataclass(frozen=True)
class ChooseEventTypes:
    """The event types are being chosen."""

    draft: WatchDraft


def watch_key(request: Request, label: str, dialogue: int, what: str, **parts: object) -> Button:
    """Returns a button of the conversation."""
    return request.key(label, "w", dialogue, what, **parts)


def drafted(request: Request, dialogue: int, prepared: DraftPreview) -> ReplyMessage:
    """Returns the message with the draft, its preview and the buttons."""
    draft = prepared.draft
    rows = [request.say("watch_draft", name=draft.name), *_conditions(request, draft)]
    if draft.what == "entity" and not (draft.near or draft.not_near):
        doubts = _doubts(request, draft)
        rows += [Markup(""), *doubts, request.say("watch_doubtful" if doubts else "watch_unique")]
    if draft.notice:
        rule = request.seeds.rules.get(draft.rule_id)
        title = rule.title_in(request.lang) if rule and draft.notice != "meanwhile" else draft.name
        rows += [Markup(""), request.say(f"watch_notice_{draft.notice}", name=title, id=draft.rule_id)]
    if draft.empty:
        rows += [Markup(""), request.say("watch_rule_empty")]
    else:
        found = prepared.caught
        said = "watch_caught" if found.count else "watch_caught_none"
        rows += [Markup(""), request.say(said, count=found.count, looked=found.looked)]
        for title, url, reason in found.titles:
            rows.append(request.say("watch_caught_line", title=linked(title, url, limit=100)))
            if reason is not None:
                rows.append(
                    Markup(Span(f"  {shorten(clean(reason_in(request.lang, reason, request.seeds.naming)), 120)}", italic=True).html())
                )
    return ReplyMessage(Markup("\n".join(rows)), _keys(request, dialogue, draft))


def _conditions(request: Request, draft: WatchDraft) -> list[Markup]:
    rows = []
    if draft.what == "entity":
        rows += _spellings(request, draft)
        if draft.case:
            rows.append(request.say("watch_draft_case", yes=yes_no(request.lang, value=True)))
        given = [(key, getattr(draft, key)) for key in ("near", "not_near")]
        rows += [request.say(f"watch_draft_{key}", words=", ".join(words)) for key, words in given if words]
    else:
        if draft.entities:
            rows.append(request.say("watch_draft_entities", names=", ".join(entity_name(request, entity) for entity in draft.entities)))
        if draft.words:
            rows.append(request.say("watch_draft_words", words=", ".join(draft.words)))
        rows.append(request.say("watch_draft_events", events=_events(request, draft.events)))
    if not draft.tells:
        return rows
    rows.append(request.say("watch_draft_about", yes=yes_no(request.lang, value=draft.about)))
    return [*rows, request.say("watch_draft_severity", how=t_plain(request.lang, f"button.{draft.severity}").lower())]


def _spellings(request: Request, draft: WatchDraft) -> list[Markup]:
    """Lists the spellings: unchanged, new and removed ones."""
    now = draft.spellings
    said = {
        "names": [name for name in now if not draft.known or name in draft.known],
        "new": [name for name in now if draft.known and name not in draft.known],
        "out": [name for name in draft.known if name not in now],
    }
    if len(now) == 1 and not said["out"]:
        return []
    return [request.say(f"watch_draft_{key}", names=_some(names)) for key, names in said.items() if names]


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:SOME]) + (f", … (+{len(words) - SOME})" if len(words) > SOME else "")


def _doubts(request: Request, draft: WatchDraft) -> list[Markup]:
    """Lists ambiguous spellings with the reason."""
    said = [
        request.say(f"watch_doubt_{kind}", name=name, count=sum(sign.isalpha() for sign in name)) for kind, name in draft.doubts()
    ]
    for spelling in draft.spellings:
        key = name_key(spelling)
        other = next((entity for entity in request.seeds.entities.values() if entity.id != draft.id and key in spelling_keys(entity)), None)
        if other is not None and spelling not in draft.known:
            said.append(request.say("watch_doubt_shared", name=spelling, other=other.name_in(request.lang)))
    return said[:DOUBTS]


def _events(request: Request, events: Sequence[str]) -> str:
    return ", ".join(event_name(request, event) for event in events) or t_plain(request.lang, "button.any_event")


def _keys(request: Request, dialogue: int, draft: WatchDraft) -> Rows:
    def key(label: str, what: str, **parts: object) -> Button:
        return watch_key(request, label, dialogue, what, **parts)

    if draft.what == "entity":
        near = (key("button.near", "near"), key("button.not_near", "notnear"))
        first: Rows = (near, (key("button.case_any" if draft.case else "button.case", "case"), key("button.names", "names")))
    else:
        shown = _events(request, draft.events[:3]) + ("…" if len(draft.events) > 3 else "")
        first = ((key("button.entities", "ents"), key("button.words", "words")), (key("button.events", "events", events=shown),))
    how = (
        key("button.about_any" if draft.about else "button.about", "about"),
        key("button.digest" if draft.severity == "alert" else "button.alert", "sev"),
    )
    end = (key("button.cancel", "cancel"),) if draft.empty else (key("button.keep", "keep"), key("button.cancel", "cancel"))
    return (*first, how, end) if draft.tells else (*first, end)


# --- what a key or a message does to the draft ------------------------------------------------------------------------------------


async def fetch(request: Request) -> Any:
    """Returns the outcome of the step; writes files, which is safe to repeat. None if this conversation is no longer open."""
    dialogue = await request.services.thread.read(read_dialogue, request.chat, request.person, request.now)
    if dialogue is None or dialogue.kind != "watch":
        return None
    if not request.pressed:
        return dialogue, await _take_words(request, WatchDraft.from_state(dialogue.state))
    if request.callback.number != dialogue.id:
        return None
    return dialogue, await _take_key(request, dialogue, request.callback.choice)


async def _take_words(request: Request, draft: WatchDraft) -> Any:
    if draft.waits != "entities":
        return await _prepared(request, draft.with_words(request.words))

    def entity_of(name: str) -> str:
        found = find_entity(request.seeds, name).entity
        return found.id if found else name

    changed = draft.with_words(request.words, entity_of)
    unknown = [name for name in changed.entities if name not in request.seeds.entities]
    return request.say("watch_unknown_entity", names=", ".join(unknown)) if unknown else await _prepared(request, changed)


async def _prepared(request: Request, draft: WatchDraft) -> Any:
    try:
        return DraftPreview(draft, await preview_hits(request.services, draft, request.now))
    except ValidationError as error:
        return _unfit(request, error)


def _unfit(request: Request, error: ValidationError) -> Markup:
    return request.say("watch_not_kept", problem=error.errors()[0]["msg"].removeprefix("Value error, "))


async def _take_key(request: Request, dialogue: Conversation, what: str) -> Any:  # noqa: PLR0911 - a table of cases
    if what == "cancel":
        return EndDialogue(request.say("cancelled"))
    if dialogue.state["what"] == "remove":
        return await _remove(request, dialogue) if what == "yes" else None
    draft = replace(WatchDraft.from_state(dialogue.state), waits="")
    if what == "keep":
        return await _keep(request, draft)
    if what in INPUTS:
        return AwaitInput(replace(draft, waits=INPUTS[what]))
    if what == "events":
        return ChooseEventTypes(draft)
    if what.startswith("e."):
        kind = what[2:]
        events = tuple(event for event in draft.events if event != kind) if kind in draft.events else (*draft.events, kind)
        return ChooseEventTypes(replace(draft, events=events)) if kind in request.seeds.events else None
    changes: dict[str, Any] = {
        "case": {"case": None if draft.case else True},
        "about": {"about": not draft.about},
        "sev": {"severity": "digest" if draft.severity == "alert" else "alert"},
        "draft": {},
    }
    return await _prepared(request, replace(draft, **changes[what])) if what in changes else None


async def _keep(request: Request, draft: WatchDraft) -> EndDialogue | DraftPreview:
    """Saves the draft, or asks again if someone else changed its entries since it began."""
    if draft.tells and in_config(request, draft.rule_id):
        return EndDialogue(request.say("watch_config_rule", name=draft.name, id=draft.rule_id))
    try:
        draft.check()
    except ValidationError as error:
        return EndDialogue(_unfit(request, error))
    changes = [SaveEntry("rules", draft.rule_entry())] if draft.tells else []
    if draft.what == "entity":
        changes.insert(0, SaveEntry("entities", draft.entity_entry()))
    now = ""

    def plan(seeds: Seeds) -> Sequence[Change]:
        nonlocal now
        now = draft.standing(seeds)
        if now != draft.stands and not draft.stands_in(seeds):
            raise MeanwhileError
        return changes

    try:
        problem = await change_seeds(request, plan)
    except MeanwhileError:
        again = replace(draft, stands=now, notice="meanwhile")
        return DraftPreview(again, await preview_hits(request.services, again, request.now))
    if problem is not None:
        return EndDialogue(request.say("watch_not_kept", problem=problem))
    where = ", ".join(f"{request.config.seeds_folder.name}/{change.table}.toml" for change in changes)
    return EndDialogue(request.say("watch_kept" if draft.what == "entity" else "watch_rule_kept", name=draft.name, file=where))


async def _remove(request: Request, dialogue: Conversation) -> EndDialogue:
    state = dialogue.state
    changes = [RemoveEntry(state["table"], state["id"])]
    if state["table"] == "entities":
        changes.insert(0, RemoveEntry("rules", RULE_OF + state["id"]))  # first: a rule without its entity would not load
    problem = await change_seeds(request, lambda _: changes)
    return EndDialogue(
        request.say("watch_not_kept", problem=problem) if problem is not None else request.say("watch_removed", name=state["name"])
    )


class MeanwhileError(Exception):
    """Someone else changed these entries since the draft began."""


async def change_seeds(request: Request, plan: Callable[[Seeds], Sequence[Change]]) -> str | None:
    """Edits files of the seeds folder and reloads the seeds, one edit at a time. Returns the problem, or None.

    `plan` returns the changes for the seeds as the files are now; its exceptions are passed on. Changes that make the seeds invalid are
    undone.
    """
    folder = request.config.seeds_folder
    try:
        async with hold_seeds(folder):
            changes = plan(await asyncio.to_thread(request.config.load_seeds))
            written = await asyncio.to_thread(change_entries, folder, changes)
            try:
                await request.services.reload_seeds()
            except (ConfigError, ValueError) as error:
                await asyncio.to_thread(written.undo)
                return str(error)
    except (OwnSeedsError, ConfigError) as error:
        return str(error)
    return None


# --- what is said ----------------------------------------------------------------------------------------------------------------


def write(store: Store, request: Request) -> Response:  # noqa: PLR0911 - a table of cases
    """Stores the state of the conversation and responds: a button edits its message, a text gets a reply."""
    if request.fetched is None:
        if request.pressed:
            return Response(toast=t_plain(request.lang, "dialogue_over"), alarm=True, keys=())
        return text(request.say("dialogue_over"))
    dialogue, outcome = request.fetched
    match outcome:
        case None:
            return Response(toast=t_plain(request.lang, "old_button"), alarm=True)
        case EndDialogue():
            close_dialogue(store, request.chat, request.person)
            return Response(text(outcome.said).replies, keys=())
        case DraftPreview():
            step(store, dialogue.id, outcome.draft.to_state(), request.now)
            return Response((replace(drafted(request, dialogue.id, outcome), edits=request.pressed),))
        case AwaitInput():
            step(store, dialogue.id, outcome.draft.to_state(), request.now)
            question = request.say(f"watch_input_{outcome.draft.waits}")
            hint = [] if request.private else [request.say("group_hint")]
            return Response((ReplyMessage(join_lines([question, *_there(request, outcome.draft), *hint]), force_reply=True),))
        case ChooseEventTypes():
            step(store, dialogue.id, outcome.draft.to_state(), request.now)
            return Response(keys=_type_keys(request, dialogue.id, outcome.draft))
        case _:
            return text(outcome)


def _there(request: Request, draft: WatchDraft) -> list[Markup]:
    """Lists the words to which the next message adds."""
    words = draft.spellings if draft.waits == "names" and draft.known else getattr(draft, draft.waits)
    if draft.waits == "entities":
        words = tuple(entity_name(request, one) for one in words)
    return [request.say("watch_input_there", words=_some(words))] if words else []


def _type_keys(request: Request, dialogue: int, draft: WatchDraft) -> Rows:
    keys = [
        request.named_key(("✓ " if event.id in draft.events else "") + event_name(request, event.id), "w", dialogue, f"e.{event.id}")
        for event in request.seeds.events.values()
        if event.reported
    ]
    rows = [tuple(keys[at : at + 3]) for at in range(0, len(keys), 3)]
    return (*rows, (watch_key(request, "button.back", dialogue, "draft"),))


_STEP = Command(fetch=fetch, write=write, admin=True)
KEYS = {"w": _STEP}
DIALOGUE = _STEP
