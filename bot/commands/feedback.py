"""Handles the button "Wrong?": stores verdicts on hits, and proposes a condition after the second mistake of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.commands.alert_buttons import too_old, usual_keys
from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.commands.drafts import draft_of, draft_of_rule
from bot.commands.feedback_suggestion import distinguishing_word
from bot.commands.lookup import entity_name, in_config, rule_title
from bot.commands.watch_dialogue import change_seeds
from bot.i18n.translate import t_plain
from bot.store.conversations import close_dialogue, open_dialogue, read_dialogue
from bot.store.feedback import Verdict, add_label, mistaken_titles, texts_without_complaint
from bot.store.hits import find_hit
from bot.store.items import named_entities
from bot.user_seeds.toml_files import Change, SaveEntry

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

PROPOSE_AFTER = 2


def menu(store: Store, request: Request) -> Response:
    """Asks for the kind of mistake."""
    hit = request.callback.number
    if usual_keys(store, request, hit) is None:
        return too_old(request)
    rows = (
        (request.key("button.irrelevant", "fbn", hit), request.key("button.wrong_entity", "fbe", hit)),
        (request.key("button.relevant", "fbr", hit), request.key("button.back", "back", hit)),
    )
    return Response(toast=t_plain(request.lang, "feedback_pick"), keys=rows)


def entities_of(store: Store, request: Request, hit: int) -> list[str]:
    """Returns the entities of the hit's item that its rule looks for (all of them if it looks for none), by id."""
    key = find_hit(store, hit)
    if key is None:
        return []
    named = named_entities(store, key.item_id)
    rule = request.seeds.rules.get(key.rule)
    wanted = {one for some in ((rule.any, rule.all, *rule.groups) if rule else ()) for one in some}
    return sorted(named & wanted or named)[:8]


def which_entity(store: Store, request: Request) -> Response:
    """Asks which entity was wrong."""
    hit = request.callback.number
    names = entities_of(store, request, hit)
    if not names:
        return too_old(request)
    keys = [request.named_key(entity_name(request, one), "fbx", hit, at) for at, one in enumerate(names)]
    rows = tuple(tuple(keys[at : at + 2]) for at in range(0, len(keys), 2))
    return Response(toast=t_plain(request.lang, "feedback_entity"), keys=(*rows, (request.key("button.back", "back", hit),)))


def irrelevant(store: Store, request: Request) -> Response:
    """Stores that the hit was not relevant."""
    return _noted(store, request, request.callback.number, "irrelevant")


def wrong_entity(store: Store, request: Request) -> Response:
    """Stores that a name in the item meant something else."""
    hit, place = request.callback.number, request.callback.choice_number
    names = entities_of(store, request, hit)
    if place is None or place >= len(names):
        return too_old(request)
    return _noted(store, request, hit, "wrong-entity", names[place])


def relevant(store: Store, request: Request) -> Response:
    """Stores that the hit was right."""
    return _noted(store, request, request.callback.number, "relevant")


def _noted(store: Store, request: Request, hit: int, verdict: Verdict, entity: str = "") -> Response:
    if not add_label(store, hit, verdict, chat=request.known, person=request.person, now=request.now, entity=entity):
        return too_old(request)
    keys = usual_keys(store, request, hit)
    if verdict == "relevant":
        return Response(toast=t_plain(request.lang, "feedback_right"), keys=keys)
    proposal = _proposal(store, request, hit, verdict, entity) if request.admin else None
    return Response((proposal,) if proposal else (), toast=t_plain(request.lang, "feedback_thanks"), keys=keys)


def _proposal(store: Store, request: Request, hit: int, verdict: Verdict, entity: str) -> ReplyMessage | None:
    """After the second mistake of a kind, proposes a condition that would have prevented both."""
    key = find_hit(store, hit)
    rule = key.rule if key else ""
    if rule not in request.seeds.rules or (entity and entity not in request.seeds.entities):
        return None
    mistakes = mistaken_titles(store, rule, verdict, entity)
    if len(mistakes) < PROPOSE_AFTER:
        return None
    names = [name.text for one in request.seeds.entities.values() for name in one.all_names()]
    found = distinguishing_word(mistakes, texts_without_complaint(store, rule), names)
    if found is None:
        return None
    if not entity and in_config(request, rule):
        return ReplyMessage(request.say("propose_config", rule=rule_title(request, rule), count=len(mistakes), word=found))
    state = {"what": "propose", "rule": rule, "entity": entity, "word": found}
    dialogue = open_dialogue(store, request.chat, request.person, "propose", state=state, now=request.now)
    keys = ((request.key("button.yes", "fbp", dialogue, "yes"), request.key("button.no", "fbp", dialogue, "no")),)
    if entity:
        return ReplyMessage(request.say("propose_near", name=entity_name(request, entity), count=len(mistakes), word=found), keys)
    return ReplyMessage(request.say("propose_words", rule=rule_title(request, rule), count=len(mistakes), word=found), keys)


async def take_proposal(request: Request) -> Any:
    """Carries out the answer to a proposal, including the change of files. None if the conversation has ended."""
    dialogue = await request.services.thread.read(read_dialogue, request.chat, request.person, request.now)
    if dialogue is None or dialogue.kind != "propose" or request.callback.number != dialogue.id:
        return None
    if request.callback.choice != "yes":
        return request.say("propose_no")
    try:
        problem = await change_seeds(request, lambda seeds: [_proposed(seeds, dialogue.state)])
    except KeyError:
        return None
    state = dialogue.state
    if problem is not None:
        return request.say("watch_not_kept", problem=problem)
    if state["entity"]:
        return request.say(
            "propose_done", what=request.say("propose_not_near", name=entity_name(request, state["entity"]), word=state["word"])
        )
    return request.say("propose_done", what=request.say("propose_not_words", rule=rule_title(request, state["rule"]), word=state["word"]))


def _proposed(seeds: Seeds, state: Mapping[str, Any]) -> Change:
    """Returns the entry with the proposed word. Raises KeyError if the entity or rule no longer exists."""
    if not state["entity"]:
        rule = draft_of_rule(seeds.rules[state["rule"]])
        return SaveEntry("rules", replace(rule, not_words=tuple(dict.fromkeys((*rule.not_words, state["word"])))).rule_entry())
    entity = seeds.entities[state["entity"]]
    draft = draft_of(entity, None, tells=False)
    entry = replace(draft, not_near=tuple(dict.fromkeys((*draft.not_near, state["word"])))).entity_entry()
    if not entity.watched:
        del entry["watched"]
    return SaveEntry("entities", entry)


def proposal_taken(store: Store, request: Request) -> Response:
    """Reports the result."""
    if request.fetched is None:
        return too_old(request)
    close_dialogue(store, request.chat, request.person)
    return Response(text(request.fetched).replies, keys=())


KEYS = {
    "fb": Command(read=menu),
    "fbe": Command(read=which_entity),
    "fbn": Command(write=irrelevant),
    "fbx": Command(write=wrong_entity),
    "fbr": Command(write=relevant),
    "fbp": Command(fetch=take_proposal, write=proposal_taken, admin=True),
}
