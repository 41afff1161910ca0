"""Loading the seeds: the packaged files hold together, a person's files lie over them, and a mistake is named by file, id and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeds.errors import SeedError
from seeds.feeds import Feed
from seeds.load import Seeds, load_seeds, try_seeds
from seeds.rules import Rule

ENTITY = '[[entities]]\nid = "norbyx"\nname = "Norbyx"\nkind = "company"\n'
RULE = '[[rules]]\nid = "norbyx-watch"\nany = ["norbyx"]\n'
FEED = '[[feeds]]\nurl = "https://example.org/feed.xml"\n'


def folder(tmp_path: Path, **files: str) -> Path:
    """A person's seeds folder with these files."""
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def mistake(tmp_path: Path, **files: str) -> SeedError:
    """The one mistake in these files."""
    _, errors = try_seeds(folder(tmp_path, **files))
    assert len(errors) == 1, [str(error) for error in errors]
    return errors[0]


def test_the_packaged_seeds_hold_together() -> None:
    seeds = load_seeds()
    assert [entity.id for entity in seeds.entities.values() if entity.watched][:4] == ["nvidia", "amkor", "fpt", "vingroup"]
    assert len(seeds.events) >= 14
    assert {"nvidia", "amkor", "fpt", "vingroup"} <= seeds.rules.keys()
    assert all(seeds.rules[one].about for one in ("nvidia", "amkor", "fpt", "vingroup"))


def test_the_packaged_feeds_are_many_and_say_language_and_zone() -> None:
    feeds = load_seeds().feeds
    assert len(feeds) >= 40
    assert all(feed.name and feed.lang and feed.topic for feed in feeds)
    assert {"en", "vi"} == {feed.lang for feed in feeds}
    assert {"feed", "page", "gdelt"} == {feed.kind for feed in feeds}
    assert all(feed.timezone == "Asia/Ho_Chi_Minh" for feed in feeds if feed.lang == "vi" and feed.topic != "search")
    assert all(feed.url.startswith("https://") for feed in feeds)


def test_a_persons_entries_are_added_and_override_by_id(tmp_path: Path) -> None:
    own = folder(
        tmp_path,
        entities=ENTITY + '\n[[entities]]\nid = "amkor"\nname = "Amkor of mine"\nkind = "company"\n',
        rules=RULE + '\n[[rules]]\nid = "amkor"\nany = ["amkor"]\nseverity = "digest"\n',
        feeds='[[feeds]]\nurl = "http://VNEXPRESS.net/rss/so-hoa.rss/"\nname = "mine"\nrules = ["norbyx-watch"]\n',
    )
    packaged, seeds = load_seeds(), load_seeds(own)
    assert seeds.entities["norbyx"].name == "Norbyx"
    assert seeds.entities["amkor"].name == "Amkor of mine"
    assert seeds.rules["amkor"].severity == "digest"
    assert len(seeds.entities) == len(packaged.entities) + 1
    assert len(seeds.feeds) == len(packaged.feeds)
    assert [feed.name for feed in seeds.feeds if "so-hoa" in feed.url] == ["mine"]


def test_the_packaged_rules_and_feeds_can_be_left_out(tmp_path: Path) -> None:
    own = folder(tmp_path, entities=ENTITY, rules=RULE, feeds=FEED)
    seeds = load_seeds(own, packaged_feeds=False, packaged_rules=False)
    assert list(seeds.rules) == ["norbyx-watch"]
    assert [feed.url for feed in seeds.feeds] == ["https://example.org/feed.xml"]
    assert "nvidia" in seeds.entities


def test_a_packaged_feed_can_be_switched_off(tmp_path: Path) -> None:
    url = "https://vnexpress.net/rss/so-hoa.rss"
    own = folder(tmp_path, feeds=f'[[feeds]]\nurl = "{url}"\noff = true\n')
    assert url in {feed.url for feed in load_seeds().feeds}
    assert url not in {feed.url for feed in load_seeds(own).feeds}


def test_what_config_toml_says_lies_on_top(tmp_path: Path) -> None:
    own = folder(tmp_path, entities=ENTITY, rules=RULE, feeds=FEED)
    rule = Rule(id="norbyx-watch", any=("nvidia",))
    feed = Feed(url="https://example.org/feed.xml", name="from config.toml")
    seeds = load_seeds(own, rules=[rule], feeds=[feed])
    assert seeds.rules["norbyx-watch"].any == ("nvidia",)
    assert [one.name for one in seeds.feeds if "example.org" in one.url] == ["from config.toml"]


def test_a_mistake_in_config_toml_is_called_so() -> None:
    with pytest.raises(SeedError) as unknown:
        load_seeds(rules=[Rule(id="mine", any=("nvida",))])
    assert str(unknown.value) == 'config.toml: mine: any: unknown entity "nvida"; did you mean "nvidia"?'
    twice = Feed(url="https://example.org/a"), Feed(url="http://example.org/a/")
    with pytest.raises(SeedError, match=r"config\.toml: http://example\.org/a/: url: stands twice in this file"):
        load_seeds(feeds=twice)


FEED_URL = "https://example.org/feed.xml"
MISTAKES = [
    ("rules", '[[rules]]\nid = "r"\nany = ["nvida"]', "r", "any", 'unknown entity "nvida"; did you mean "nvidia"?'),
    ("rules", '[[rules]]\nid = "r"\ngroups = [["fpt"], ["qqqq"]]', "r", "groups[1]", 'unknown entity "qqqq"; known: '),
    ("rules", '[[rules]]\nid = "r"\nevents = ["visits"]', "r", "events", 'unknown event type "visits"; did you mean "visit"?'),
    ("rules", '[[rules]]\nid = "r"\nany = "nvidia"', "r", "any", 'expected a list, like ["…"], found "nvidia"'),
    ("rules", '[[rules]]\nid = "r"', "r", "", "expected at least one of any, all, groups, events, words"),
    ("rules", '[[rules]]\nid = "r"\neverything = true', "r", "", "everything = true needs feeds"),
    ("rules", '[[rules]]\nid = "r"\nany = ["fpt"]\nabout = "yes"', "r", "about", 'expected true or false, found "yes"'),
    ("rules", '[[rules]]\nid = "r"\nany = ["fpt"]\nseverity = "loud"', "r", "severity", 'expected "alert" or "digest", found "loud"'),
    ("rules", '[[rule]]\nid = "r"', "", "rule", 'unknown key; did you mean "rules"?'),
    ("rules", '[rules]\nid = "r"', "", "rules", "expected [[rules]] with two brackets"),
    ("rules", '[[rules]]\nid = "r"\nany = [\n"x"', "end of file", "", "is not TOML: "),
    ("rules", '[[rules]]\nid "r"', "line 2", "", "is not TOML: "),
    ("feeds", FEED + 'rules = ["nvidea"]', FEED_URL, "rules", 'unknown rule "nvidea"; did you mean "nvidia"?'),
    ("feeds", FEED + FEED.replace("https", "http"), FEED_URL.replace("https", "http"), "url", "stands twice in this file; expected each"),
    ("feeds", FEED + 'timezone = "Asia/Hanoi"', FEED_URL, "timezone", "unknown time zone 'Asia/Hanoi'"),
    ("feeds", FEED + 'timezone = "Asia"', FEED_URL, "timezone", "unknown time zone 'Asia'"),
    ("feeds", FEED + 'timezone = "../UTC"', FEED_URL, "timezone", "unknown time zone '../UTC'"),
    ("feeds", '[[feeds]]\nurl = "example.org/f"', "example.org/f", "url", 'expected an address like "https://example.com/feed.xml"'),
    ("feeds", FEED + 'kind = "page"', FEED_URL, "", 'kind "page" needs select'),
    ("entities", ENTITY + 'part_of = "vingrup"', "norbyx", "part_of", 'unknown entity "vingrup"; did you mean "vingroup"?'),
    ("entities", ENTITY + 'country = "vietnm"', "norbyx", "country", 'unknown entity "vietnm"; did you mean "vietnam"?'),
    ("entities", ENTITY + 'of = "nvda"', "norbyx", "of", 'unknown entity "nvda"'),
    ("entities", ENTITY + "\n" + ENTITY, "norbyx", "id", "stands twice in this file; expected each id once"),
    ("entities", ENTITY + 'alias = ["N"]', "norbyx", "alias", "unknown key; expected one of "),
    ("entities", ENTITY + 'tiker = "N"', "norbyx", "tiker", 'unknown key; did you mean "tickers"?'),
    ("entities", ENTITY + 'names = [{ text = "N", neer = ["x"] }]', "norbyx", "names[0].neer", 'unknown key; did you mean "near"?'),
    ("entities", ENTITY + "watched = 1", "norbyx", "watched", "expected true or false, found 1"),
    ("entities", ENTITY.replace("company", "firm"), "norbyx", "kind", 'expected "company", "brand"'),
    ("entities", ENTITY.replace('"norbyx"', '"N x"'), "N x", "id", 'expected small letters, digits and hyphens, found "N x"'),
    ("entities", '[[entities]]\nname = "x"\nkind = "company"', "entities[0]", "id", "missing"),
]


@pytest.mark.parametrize(("file", "text", "where", "key", "problem"), MISTAKES)
def test_a_mistake_is_named_by_file_id_and_key(tmp_path: Path, file: str, text: str, where: str, key: str, problem: str) -> None:
    found = mistake(tmp_path, **{file: text + "\n"})
    assert found.file == str(tmp_path / f"{file}.toml")
    assert (found.where, found.key) == (where, key)
    assert found.problem.startswith(problem)
    assert "\n" not in str(found)


def test_a_pattern_that_cannot_be_read_is_named_with_its_place(tmp_path: Path) -> None:
    own = folder(tmp_path, events='[[events]]\nid = "spill"\ntriggers = [{ lang = "en", patterns = ["spill~ .."] }]\n')
    first = try_seeds(own)[1][0]
    assert (first.where, first.key) == ("spill", "triggers[0].patterns")
    assert first.problem.startswith("pattern 'spill~ ..'")


def test_loading_stops_at_the_first_mistake(tmp_path: Path) -> None:
    own = folder(tmp_path, rules='[[rules]]\nid = "a"\nany = ["x1"]\n[[rules]]\nid = "b"\nany = ["x2"]\n')
    with pytest.raises(SeedError, match=r"rules\.toml: a: any: unknown entity \"x1\""):
        load_seeds(own)


def test_groups_that_contain_each_other_in_a_circle_are_named_once(tmp_path: Path) -> None:
    ties = (("a1", "b1"), ("b1", "c1"), ("c1", "b1"))
    rows = "".join(f'[[entities]]\nid = "{one}"\nname = "{one}"\nkind = "company"\npart_of = "{up}"\n' for one, up in ties)
    found = mistake(tmp_path, entities=rows)
    assert (found.key, found.problem) == ("part_of", "goes round in a circle: b1 → c1 → b1")


def test_every_mistake_is_found_at_once(tmp_path: Path) -> None:
    own = folder(tmp_path, rules='[[rules]]\nid = "a"\nany = ["x1"]\n[[rules]]\nid = "b"\nany = ["x2"]\n', feeds=FEED + 'rules = ["c"]\n')
    _, errors = try_seeds(own)
    assert [(error.where, error.key) for error in errors] == [("a", "any"), ("b", "any"), ("https://example.org/feed.xml", "rules")]


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_bytes(b"[[rules]]\nid = \"\xff\"\n")
    assert "is not UTF-8 text (byte 16)" in str(mistake(tmp_path))


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="is not a folder"):
        load_seeds(tmp_path / "nowhere")


def test_a_missing_file_is_no_mistake(tmp_path: Path) -> None:
    assert load_seeds(tmp_path).entities.keys() == load_seeds().entities.keys()


def test_seeds_can_be_made_by_hand_for_a_test() -> None:
    assert Seeds({}, {}, {}, ()).feeds == ()
