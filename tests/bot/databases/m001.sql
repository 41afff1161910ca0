-- A database as the first step of bot/store/migrations.py left it, with a row or more in every table.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
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
INSERT INTO "_sqlite_migrations" ("id", "migration_set", "name", "applied_at") VALUES (1, 'seedwatch', 'm001_first_tables', '2026-11-22 08:05:08.466340+00:00');
INSERT INTO "feeds" ("id", "url", "name", "kind", "lang", "timezone", "active", "etag", "last_modified", "body_hash", "next_poll_at", "last_poll_at", "last_ok_at", "last_parsed_at", "last_new_at", "polls", "interval", "failures", "last_error", "error_kind", "parked_at", "paced_until", "hub", "redirect_to", "redirect_since", "state") VALUES (1, 'https://paper.example/rss', 'Paper', 'feed', 'vi', 'Asia/Ho_Chi_Minh', 1, '"abc"', '', '', '2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z', NULL, 3, 600.0, 0, '', NULL, NULL, NULL, '', '', NULL, '{"lags":[60.0]}');
INSERT INTO "facts" ("key", "value") VALUES ('search.indexed', '1');
INSERT INTO "items" ("id", "feed", "url", "guid", "title", "summary", "text", "lang", "published_at", "first_seen_at", "sponsored", "source", "author", "salience") VALUES (1, 'https://paper.example/rss', 'https://paper.example/1', '1', 'Nvidia mở nhà máy ở Đà Nẵng', 'Tóm tắt', '', 'vi', '2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z', 0, 'Paper', '', '{"nvidia":[0.9,"in the title"]}');
INSERT INTO "seen" ("key", "item", "feed", "last_seen_at") VALUES ('g:https://paper.example/rss' || char(31) || '1', 1, 1, '2026-01-05T03:00:00Z');
INSERT INTO "seen" ("key", "item", "feed", "last_seen_at") VALUES ('u:https://paper.example/1', 1, 1, '2026-01-05T03:00:00Z');
INSERT INTO "mentions" ("item", "entity", "field", "start", "end", "text", "part_of") VALUES (1, 'nvidia', 'title', 0, 6, 'Nvidia', NULL);
INSERT INTO "events" ("id", "item", "type", "actors", "targets", "amount", "currency", "place", "date", "status", "attributed_to", "sentence", "field", "start", "end") VALUES (1, 1, 'facility', '["nvidia",{"name":"Ai đó"}]', '[]', 200000000.0, 'USD', 'Hà Nội', NULL, 'done', NULL, 'Nvidia mở nhà máy ở Đà Nẵng', 'title', 0, 33);
INSERT INTO "stories" ("id", "title", "first_at", "last_at", "items", "sources", "lead_item", "why") VALUES (1, 'Nvidia mở nhà máy ở Đà Nẵng', '2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z', 1, 1, 1, '[]');
INSERT INTO "hits" ("id", "item", "rule", "story", "score", "severity", "why", "created_at", "origin") VALUES (1, 1, 'nvidia', 1, 0.8, 'alert', '["names Nvidia"]', '2026-01-05T03:00:00Z', 'poll');
INSERT INTO "chats" ("id", "kind", "title", "state", "settings", "created_at", "error") VALUES ('console', 'console', '', 'active', '{}', NULL, NULL);
INSERT INTO "deliveries" ("id", "chat", "kind", "key", "state", "attempts", "due_at", "sent_at", "message_id", "error", "story", "body", "part", "reply_to", "held", "created_at", "claimed_at") VALUES (1, 'console', 'alert', 'alert:1', 'sent', 1, '2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z', '1', NULL, 1, '{}', 1, NULL, NULL, '2026-01-05T03:00:00Z', NULL);
INSERT INTO search (rowid, title, body) VALUES (1, 'Nvidia mở nhà máy ở Dà Nẵng', 'Tóm tắt' || char(10));
