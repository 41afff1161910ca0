"""Decides what each chat gets when an item hits: an alert, an edit of its alert, a follow-up, a delivery that is held, or nothing.

    story + arrived item + deliveries of each chat ──plan (pure)──► rows of `deliveries`, written by `plan_deliveries` in the transaction
    that wrote the hit

The first hit of a story alerts. Later sources edit that message. A development of the story answers it once. Sponsored items never alert.
A delivery that quiet hours or the hourly limit hold back is written with the reason, and the next digest contains it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from bot.i18n.translate import t_plain
from bot.local_time import local
from bot.message import FULL, Button, Capabilities, Message
from bot.render import story as render
from bot.store import chats as chat_rows
from bot.store import deliveries
from bot.store.chats import Chat, ChatSettings
from bot.store.deliveries import Held, NewDelivery
from bot.store.hits import item_rules
from bot.store.story_deliveries import StoryDeliveryState, alerts_since, told_about
from bot.stories.read import read_story
from bot.stories.view import RuleHit, StoryView
from watchers.stories.developments import Development

if TYPE_CHECKING:
    from bot.config import Config
    from bot.store import Store
    from seeds.load import Seeds

HOUR = timedelta(hours=1)
EDIT_PAUSE = timedelta(minutes=1)
"""The least time between two edits of one message: twenty sources within a minute are one edit."""
MIN_RULE_SHARE = 0.25
"""Of a story's items that a rule must have caught to alert about it: one odd reading among eighteen reports of a record high is no news."""

Keys = tuple[tuple[Button, ...], ...]

NO_SERVICES: Mapping[str, Capabilities] = MappingProxyType({})
"""No chat service is open: every chat counts as one with all features."""


@dataclass(frozen=True, slots=True)
class AlertedItem:
    """The item that has arrived."""

    item: int
    rules: frozenset[str]
    """Rules that it hit."""
    developments: tuple[Development, ...] = ()
    """What it adds to the story."""
    sponsored: bool = False


def plan(
    chats: Sequence[Chat],
    story: StoryView,
    arrival: AlertedItem,
    *,
    told: Mapping[str, StoryDeliveryState],
    recent: Mapping[str, int],
    now: datetime,
    keys: Callable[[StoryView, RuleHit, Chat], Keys] | None = None,
    capabilities: Mapping[str, Capabilities] = NO_SERVICES,
) -> list[NewDelivery]:
    """The deliveries to write for each chat.

    `told`: by chat, its deliveries about this story so far. `recent`: by chat, how many alerts about other stories it got within the last
    hour. `keys` makes the buttons of an alert, the same for chats of one kind and language; None: no buttons. `capabilities`: by kind, what
    the open chat services can do.
    """
    planner = _Planner(story, arrival, now, keys, capabilities)
    answer: list[NewDelivery] = []
    for chat in chats:
        if "alert" in chat.settings.send and chat.state == "active" and story.id not in chat.settings.muted_stories:
            answer += planner.rows(chat, told.get(chat.id), recent.get(chat.id, 0))
    return answer


def hold_reason(settings: ChatSettings, recent: int, now: datetime) -> Held | None:
    """Why an alert must wait, or None. `recent`: how many alerts the chat got within the last hour."""
    if settings.quiet_hours is not None and settings.quiet_hours.covers(local(now, settings.timezone).time()):
        return "quiet"
    return "cap" if recent >= settings.max_per_hour else None


def chat_wants(settings: ChatSettings, reason: RuleHit) -> bool:
    """True when hits of this kind concern the chat at all, in alerts or digests."""
    if settings.rules and reason.rule not in settings.rules:
        return False
    return not (reason.entities and reason.entities <= settings.muted_entities)


@dataclass(frozen=True, slots=True)
class _Planner:
    """One arrival, for one chat after the other."""

    story: StoryView
    arrival: AlertedItem
    now: datetime
    keys: Callable[[StoryView, RuleHit, Chat], Keys] | None
    capabilities: Mapping[str, Capabilities]
    made: dict[tuple[str, ...], Message] = field(default_factory=dict)
    """Alerts by what makes them differ: a thousand chats of one language and zone share one."""
    hashes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Content hashes by language and zone."""

    def rows(self, chat: Chat, before: StoryDeliveryState | None, recent: int) -> list[NewDelivery]:
        """The chat's deliveries. `before`: those about the story so far; `recent`: alerts about other stories within the last hour."""
        reason = self.wanted(chat.settings)
        held = hold_reason(chat.settings, recent, self.now)
        if before is None:
            return [] if reason is None else [self.alert(chat, reason, held, recent)]
        if before.held:
            # A development releases an alert that was held.
            if reason is None or held is not None or not self.arrival.developments:
                return []
            return [self.followup_for_held(chat, reason, before)]
        answer = self.edit(chat, before)
        # An alert that was not sent yet includes the development.
        if reason is not None and self.arrival.developments and before.state != "waiting":
            answer.append(self.follow_up(chat, before, held, reply_to=f"alert:{self.story.id}"))
        return answer

    def wanted(self, settings: ChatSettings) -> RuleHit | None:
        """The best reason to alert this chat about what has arrived, or None."""
        if self.arrival.sponsored or settings.severity != "alert":
            return None
        for reason in self.story.reasons:
            until = settings.snoozed.get(reason.rule)
            snoozed = until is not None and until > self.now
            told = reason.severity == "alert" and reason.share >= MIN_RULE_SHARE and not reason.sponsored
            if reason.rule in self.arrival.rules and told and not snoozed and chat_wants(settings, reason):
                return reason
        return None

    def alert(self, chat: Chat, reason: RuleHit, held: Held | None, recent: int) -> NewDelivery:
        """The first message about the story."""
        settings = chat.settings
        last = held is None and recent + 1 == settings.max_per_hour
        told = "cap_reached" if "digest" in settings.send else "cap_reached_alone"
        note = t_plain(settings.language, told, n=recent + 1) if last else ""
        return self.delivery(chat, "alert", f"alert:{self.story.id}", reason, note=note, held=held, replace=True)

    def followup_for_held(self, chat: Chat, reason: RuleHit, before: StoryDeliveryState) -> NewDelivery:
        """A development of a story whose alert was held: the alert, or a follow-up when a digest already contained the story."""
        if before.state == "waiting" and not before.in_digest:
            return self.alert(chat, reason, None, -1)
        return self.follow_up(chat, before, None, reply_to=None)

    def edit(self, chat: Chat, before: StoryDeliveryState) -> list[NewDelivery]:
        """The alert as it reads now: it replaces the text of a row that waits, else it is an edit of the message."""
        story = self.story
        if before.state == "refused" or not story.reasons:
            return []
        if self.content_hash(chat.settings) == before.content_hash:
            return []
        reason = self.sticky_reason(chat.settings, before)
        first = f"alert:{story.id}"
        if before.state in {"waiting", "uncertain"}:
            return [self.delivery(chat, "alert", first, reason, replace=True)]
        if not self.capabilities.get(chat.kind, FULL).can_edit:
            return []
        if before.edit_open and before.edit_key is not None:
            return [self.delivery(chat, "edit", before.edit_key, reason, reply_to=first, replace=True)]
        # An edit written by a clock that was ahead does not delay this one further.
        due = self.now if before.edited_at is None else max(self.now, min(before.edited_at, self.now) + EDIT_PAUSE)
        return [self.delivery(chat, "edit", f"edit:{story.id}:{before.edits + 1}", reason, due=due, reply_to=first)]

    def sticky_reason(self, settings: ChatSettings, before: StoryDeliveryState) -> RuleHit:
        """The reason that an edit names: the one that the alert named while it holds, else the best of those that alert this chat."""
        told = [
            reason for reason in self.story.reasons if reason.severity == "alert" and not reason.sponsored and chat_wants(settings, reason)
        ]
        kept = (hit for hit in told if hit.rule == before.rule)
        return next(kept, (told or self.story.reasons)[0])

    def follow_up(self, chat: Chat, before: StoryDeliveryState, held: Held | None, *, reply_to: str | None) -> NewDelivery:
        """The developments that the item adds, as an answer to the first message."""
        story, settings = self.story, chat.settings
        message = render.follow_up(
            story, self.arrival.developments, self.arrival.item, chat=chat.id, language=settings.language, tz=settings.timezone
        )  # fmt: skip
        key = f"news:{story.id}:{before.follow_ups + 1}"
        return NewDelivery(chat.id, "news", key, message, self.now, story=story.id, reply_to=reply_to, held=held)

    def delivery(
        self,
        chat: Chat,
        kind: Literal["alert", "edit"],
        key: str,
        reason: RuleHit,
        *,
        note: str = "",
        due: datetime | None = None,
        reply_to: str | None = None,
        held: Held | None = None,
        replace: bool = False,
    ) -> NewDelivery:
        """The story as it reads now, as an alert or an edit; due now unless `due` is given."""
        return NewDelivery(
            chat.id, kind, key, self.message(chat, reason, note), due or self.now, story=self.story.id, reply_to=reply_to, held=held,
            rule=reason.rule, content_hash=self.content_hash(chat.settings), replace=replace,
        )  # fmt: skip

    def content_hash(self, settings: ChatSettings) -> str:
        """Of the alert in the chat's language and time."""
        look = (settings.language, settings.timezone)
        if look not in self.hashes:
            self.hashes[look] = render.content_hash(self.story, *look)
        return self.hashes[look]

    def message(self, chat: Chat, reason: RuleHit, note: str = "") -> Message:
        """The alert in the chat's language and time."""
        settings = chat.settings
        look = (chat.kind, settings.language, settings.timezone, reason.rule, note)
        if look not in self.made:
            has_buttons = self.capabilities.get(chat.kind, FULL).has_buttons
            keys = self.keys(self.story, reason, chat) if self.keys and has_buttons else ()
            self.made[look] = render.alert(
                self.story, chat=chat.id, language=settings.language, tz=settings.timezone, note=note, buttons=keys, reason=reason
            )  # fmt: skip
        return replace(self.made[look], chat=chat.id)


def plan_deliveries(
    store: Store,
    *,
    story: int,
    item: int,
    now: datetime,
    seeds: Seeds,
    config: Config,
    developments: Sequence[Development] = (),
    baseline: bool = False,
    capabilities: Mapping[str, Capabilities] = NO_SERVICES,
) -> int:
    """Writes the deliveries that a new item of a story causes. Call it in the transaction that wrote the item's hits.

    `developments`: what the item adds to the story. With `baseline` (older than a day at a first poll, a backfill) no chat gets anything.
    Returns how many rows were written.
    """
    if baseline:
        return 0
    chats = [chat for chat in chat_rows.read_chats(store, chat_rows.default_settings(config)) if "alert" in chat.settings.send]
    view = read_story(store, story, seeds) if chats else None
    if view is None:
        return 0
    sponsored = any(source.item_id == item and source.sponsored for source in view.sources)
    rows = plan(
        chats,
        view,
        AlertedItem(item, item_rules(store, item), tuple(developments), sponsored),
        told=told_about(store, story),
        recent=alerts_since(store, now - HOUR, now, but_story=story),
        now=now,
        keys=_signed_buttons(store),
        capabilities=capabilities,
    )
    return sum(deliveries.add(store, row, now) for row in rows)


def rerender_alert(
    store: Store,
    chat: Chat,
    story: int,
    *,
    seeds: Seeds,
    recent: int,
    now: datetime,
    capabilities: Mapping[str, Capabilities] = NO_SERVICES,
) -> NewDelivery | None:
    """The alert about a story as it reads now, for a chat from which it was held back; None when nothing alerts the chat any more.
    `recent`: how many alerts the chat got within the last hour."""
    view = read_story(store, story, seeds)
    if view is None or story in chat.settings.muted_stories:
        return None
    planner = _Planner(view, AlertedItem(0, frozenset(hit.rule for hit in view.reasons)), now, _signed_buttons(store), capabilities)
    reason = planner.wanted(chat.settings)
    return None if reason is None else planner.alert(chat, reason, None, recent)


def _signed_buttons(store: Store) -> Callable[[StoryView, RuleHit, Chat], Keys]:
    """Makes the buttons under an alert, signed with this database's secret."""

    def keys(story: StoryView, reason: RuleHit, chat: Chat) -> Keys:
        from bot.alerts.buttons import alert_buttons
        from bot.store.secrets import button_secret

        secret, language = button_secret(store), chat.settings.language
        return alert_buttons(secret, language, story=story.id, hit=reason.hit_id, url=story.lead.url)

    return keys
