"""Defines the tables, as steps that are only ever appended. Each runs once for a database, in a transaction of its own.

Public columns stand in the documentation and stay; the others may change with a step here. Times are ISO 8601 UTC with "Z",
lists and objects JSON. Never edit a step that was released: add one, and a recorded older database to its test.
"""

from __future__ import annotations

import json
from hashlib import blake2b

from sqlite_utils import Database, Migrations

from bot.store.search_index import FILL

MIGRATIONS = Migrations("seedwatch")


def _run(db: Database, script: str) -> None:
    """Statement by statement: `executescript` would end the transaction of the step."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


@MIGRATIONS()
def m001_first_tables(db: Database) -> None:
    """All tables of the first version."""
    _run(db, FEEDS)
    _run(db, ITEMS)
    _run(db, HITS)
    _run(db, CHATS)


# `url` is the feed's name for ever, as a person gave it. Which feeds are polled is said by the seeds and the configuration; `active`
# mirrors that. Columns repeat what other tools may want to see; `state` holds the rest of what is remembered between polls.
FEEDS = """
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'feed',
    lang TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT 'UTC',
    active INTEGER NOT NULL DEFAULT 1,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    body_hash TEXT NOT NULL DEFAULT '',
    next_poll_at TEXT,
    last_poll_at TEXT,
    last_ok_at TEXT,
    last_parsed_at TEXT,
    last_new_at TEXT,
    polls INTEGER NOT NULL DEFAULT 0,
    interval REAL,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    error_kind TEXT,
    parked_at TEXT,
    paced_until TEXT,
    hub TEXT NOT NULL DEFAULT '',
    redirect_to TEXT NOT NULL DEFAULT '',
    redirect_since TEXT,
    state TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX feeds_due ON feeds(next_poll_at) WHERE active = 1;
CREATE TABLE facts (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

# Ids are never used twice: `seen` and the search index outlive the items that retention drops.
ITEMS = """
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed TEXT NOT NULL,
    url TEXT NOT NULL DEFAULT '',
    guid TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    summary TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    lang TEXT NOT NULL DEFAULT '',
    published_at TEXT,
    first_seen_at TEXT NOT NULL,
    sponsored INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL DEFAULT '',
    author TEXT NOT NULL DEFAULT '',
    salience TEXT
);
CREATE INDEX items_first_seen ON items(first_seen_at);
CREATE INDEX items_feed ON items(feed, id);
CREATE TABLE seen (
    key TEXT PRIMARY KEY,
    item INTEGER,
    feed INTEGER,
    last_seen_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE mentions (
    item INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    part_of TEXT
);
CREATE INDEX mentions_item ON mentions(item);
CREATE INDEX mentions_entity ON mentions(entity, item);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    item INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    actors TEXT NOT NULL DEFAULT '[]',
    targets TEXT NOT NULL DEFAULT '[]',
    amount REAL,
    currency TEXT,
    place TEXT,
    date TEXT,
    status TEXT NOT NULL DEFAULT 'done',
    attributed_to TEXT,
    sentence TEXT NOT NULL DEFAULT '',
    field TEXT NOT NULL DEFAULT 'text',
    start INTEGER NOT NULL DEFAULT 0,
    "end" INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX events_item ON events(item);
CREATE INDEX events_type ON events(type, item);
CREATE VIRTUAL TABLE search USING fts5(title, body, content='', tokenize="unicode61 remove_diacritics 2");
"""

HITS = """
CREATE TABLE stories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL DEFAULT '',
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    items INTEGER NOT NULL DEFAULT 0,
    sources INTEGER NOT NULL DEFAULT 0,
    lead_item INTEGER,
    why TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX stories_last ON stories(last_at);
CREATE TABLE hits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    story INTEGER REFERENCES stories(id),
    score REAL NOT NULL,
    severity TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL,
    origin TEXT NOT NULL DEFAULT 'poll',
    UNIQUE (item, rule)
);
CREATE INDEX hits_story ON hits(story);
CREATE INDEX hits_created ON hits(created_at);
"""

# Chat ids: "console", "telegram:<chat>", "telegram:<chat>/<thread>", "also:<name of the environment variable>".
CHATS = """
CREATE TABLE chats (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'active',
    settings TEXT NOT NULL DEFAULT '{}',
    created_at TEXT,
    error TEXT
);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    sent_at TEXT,
    message_id TEXT,
    error TEXT,
    story INTEGER,
    body TEXT NOT NULL DEFAULT '{}',
    part INTEGER NOT NULL DEFAULT 1,
    reply_to TEXT,
    held TEXT,
    created_at TEXT NOT NULL,
    claimed_at TEXT,
    UNIQUE (chat, key)
);
CREATE INDEX deliveries_due ON deliveries(state, due_at);
CREATE INDEX deliveries_story ON deliveries(chat, story);
"""


@MIGRATIONS()
def m002_digests(db: Database) -> None:
    """Which digests a chat had and how far they reach; how often the answer to a delivery was lost; which digest stands for a held one."""
    _run(db, DIGESTS)


# `up_to` is the highest hit that the digest of that local date has seen: periods by id lose nothing when the clock jumps.
DIGESTS = """
CREATE TABLE digests (
    chat TEXT NOT NULL,
    date TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    parts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chat, date)
) WITHOUT ROWID;
ALTER TABLE deliveries ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN in_digest TEXT;
CREATE INDEX deliveries_chat ON deliveries(chat, state);
"""


@MIGRATIONS()
def m003_chat_commands(db: Database) -> None:
    """What chats say: updates and whether they were handled, guided dialogues, feedback on hits, and the database's own secrets."""
    _run(db, COMMANDS)


# `updates.id` is Telegram's update_id; `body` is emptied once it is handled. `secrets` never holds the bot's token.
COMMANDS = """
CREATE TABLE updates (
    id INTEGER PRIMARY KEY,
    chat TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TEXT NOT NULL,
    handled_at TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT
);
CREATE INDEX updates_open ON updates(id) WHERE handled_at IS NULL;
CREATE TABLE dialogues (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '{}',
    expires_at TEXT NOT NULL,
    UNIQUE (chat, person)
);
CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hit INTEGER NOT NULL,
    item INTEGER NOT NULL,
    rule TEXT NOT NULL,
    chat TEXT NOT NULL,
    person TEXT NOT NULL DEFAULT '',
    verdict TEXT NOT NULL,
    entity TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    UNIQUE (hit, chat)
);
CREATE INDEX labels_rule ON labels(rule, verdict);
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
"""


@MIGRATIONS()
def m004_recent_deliveries(db: Database) -> None:
    """How many alerts a chat got within the hour is asked for every new hit: by time, not by reading them all."""
    _run(db, "CREATE INDEX deliveries_created ON deliveries(created_at);\n")


@MIGRATIONS()
def m005_search_memory(db: Database) -> None:
    """Lets the search index gather 8 MB before it writes a segment: 2,000 articles of 220 words take 1.3 ms a 36 instead of 2.1."""
    db.conn.execute("INSERT INTO search (search, rank) VALUES ('hashsize', 8000000)")


@MIGRATIONS()
def m006_backfills(db: Database) -> None:
    """How far each archive was read, with which rules (`job` changes with them), in the transaction that wrote what was found."""
    _run(db, BACKFILLS)


# `mark` is the file's path, size and time of change: a file that has changed is read anew, and what is known from it is not doubled.
BACKFILLS = """
CREATE TABLE backfills (
    mark TEXT NOT NULL,
    job TEXT NOT NULL,
    place TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    counts TEXT NOT NULL DEFAULT '{}',
    updated_at TEXT NOT NULL,
    PRIMARY KEY (mark, job)
) WITHOUT ROWID;
"""


@MIGRATIONS()
def m007_subscriptions(db: Database) -> None:
    """What WebSub hubs were asked for, and what they granted."""
    _run(db, SUBSCRIPTIONS)


# `token` is the unguessable end of `callback`. A feed may have two for a while: one that it leaves (for another hub), one that it wants.
SUBSCRIPTIONS = """
CREATE TABLE subscriptions (
    token TEXT PRIMARY KEY,
    feed INTEGER NOT NULL REFERENCES feeds(id) ON DELETE CASCADE,
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    callback TEXT NOT NULL,
    secret TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    confirmed_at TEXT,
    until TEXT,
    next_at TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    brought_at TEXT,
    brought INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX subscriptions_feed ON subscriptions(feed, state);
"""


@MIGRATIONS()
def m008_titles_are_no_keys(db: Database) -> None:
    """A title alone never said that an item was seen; where a feed is renewed, the titles of its items are asked for themselves."""
    db.conn.execute("DELETE FROM seen WHERE key >= 'n:' AND key < 'n;'")


@MIGRATIONS()
def m009_server_errors(db: Database) -> None:
    """How often a chat service failed over a message itself, and since when: one that it always fails over is set aside."""
    _run(
        db,
        "ALTER TABLE deliveries ADD COLUMN server_errors INTEGER NOT NULL DEFAULT 0;\n"
        "ALTER TABLE deliveries ADD COLUMN failing_since TEXT;\n",
    )


@MIGRATIONS()
def m010_undated_items(db: Database) -> None:
    """Tells items of archives from those of feeds: without a date, the one was published nobody knows when, the other when it was found.
    The times of a story that holds only such items are NULL."""
    _run(db, UNDATED)


# An item belongs to an archive when no poll found it and no feed is called as its source is. `stories.first_at` and `last_at` lose their
# NOT NULL, for which SQLite knows no other way than to make the columns anew.
UNDATED = """
ALTER TABLE items ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
UPDATE items SET archived = 1 WHERE feed NOT IN (SELECT url FROM feeds)
    AND EXISTS (SELECT 1 FROM hits WHERE hits.item = items.id AND origin != 'poll')
    AND NOT EXISTS (SELECT 1 FROM hits WHERE hits.item = items.id AND origin = 'poll');
CREATE INDEX items_time ON items(
    coalesce(min(published_at, first_seen_at), CASE WHEN archived THEN NULL ELSE first_seen_at END)
);
DROP INDEX stories_last;
ALTER TABLE stories ADD COLUMN began_at TEXT;
ALTER TABLE stories ADD COLUMN moved_at TEXT;
UPDATE stories SET began_at = first_at, moved_at = last_at;
UPDATE stories SET
    began_at = (SELECT min(coalesce(min(published_at, first_seen_at), CASE WHEN archived THEN NULL ELSE first_seen_at END))
        FROM items WHERE id IN (SELECT item FROM hits WHERE hits.story = stories.id)),
    moved_at = (SELECT max(coalesce(min(published_at, first_seen_at), CASE WHEN archived THEN NULL ELSE first_seen_at END))
        FROM items WHERE id IN (SELECT item FROM hits WHERE hits.story = stories.id))
WHERE EXISTS (SELECT 1 FROM hits JOIN items ON items.id = hits.item
    WHERE hits.story = stories.id AND items.archived AND items.published_at IS NULL);
ALTER TABLE stories DROP COLUMN first_at;
ALTER TABLE stories DROP COLUMN last_at;
ALTER TABLE stories RENAME COLUMN began_at TO first_at;
ALTER TABLE stories RENAME COLUMN moved_at TO last_at;
CREATE INDEX stories_last ON stories(last_at);
"""


@MIGRATIONS()
def m011_menus(db: Database) -> None:
    """The menu that somebody has opened under an alert: an edit must not take it away."""
    _run(db, "ALTER TABLE deliveries ADD COLUMN menu TEXT;\n")


@MIGRATIONS()
def m012_letters_like_d(db: Database) -> None:
    """Letters typed for đ are folded as đ: what is indexed is indexed anew (some 20 ms for a thousand items)."""
    done = db.conn.execute("SELECT coalesce(max(value), 0) FROM facts WHERE key = 'search.indexed'").fetchone()[0]
    db.conn.execute("INSERT INTO search (search) VALUES ('delete-all')")
    db.conn.execute(FILL, (0, int(done)))


@MIGRATIONS()
def m013_reasons(db: Database) -> None:
    """The reasons of a hit as codes with arguments. NULL in older rows: these have only their English sentences."""
    _run(db, "ALTER TABLE hits ADD COLUMN reasons TEXT;\n")


@MIGRATIONS()
def m014_delivery_content(db: Database) -> None:
    """What an alert or edit was sent for and what it said, so that a later source needs no look into the text: the rule, and a hash of the
    lines about the story (`bot.render.story.content_hash`). Older rows get both from their text and their buttons, this once."""
    _run(db, "ALTER TABLE deliveries ADD COLUMN rule TEXT;\nALTER TABLE deliveries ADD COLUMN content_hash TEXT;\n")
    rows = db.conn.execute("SELECT id, body FROM deliveries WHERE kind IN ('alert', 'edit') AND story IS NOT NULL").fetchall()
    rules = dict(db.conn.execute("SELECT id, rule FROM hits").fetchall()) if rows else {}
    for delivery_id, body in rows:
        try:
            message = json.loads(body)
            # Our own remarks were the lines in italics, the rule's among them.
            content = "\n".join(line for line in message["html"].splitlines() if not line.startswith("<i>"))
            data = [button["data"] or "" for row in message["buttons"] for button in row]
            hit_ids = [int(text.split(":")[1]) for text in data if text.startswith("why:")]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            continue  # a body that cannot be read is never sent either
        content_hash = blake2b(content.encode("utf-8", "replace"), digest_size=16).hexdigest()
        rule = rules.get(hit_ids[0]) if hit_ids else None
        db.conn.execute("UPDATE deliveries SET rule = ?, content_hash = ? WHERE id = ?", (rule, content_hash, delivery_id))


@MIGRATIONS()
def m015_feed_problems(db: Database) -> None:
    """Why a poll failed as a code with arguments (JSON): chats show it in their language. `last_error` is the same in English."""
    _run(db, "ALTER TABLE feeds ADD COLUMN problem TEXT;\n")
