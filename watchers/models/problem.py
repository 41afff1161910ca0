"""Defines Problem: why a feed, a page or an address could not be read, as a code with arguments.

SENTENCES has the English of each code. Logs, the command line and `feeds.last_error` show it (`str(problem)`); `bot.i18n` has the other
languages. What a server or the system says itself is an argument and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

SENTENCES: Mapping[str, str] = MappingProxyType({
    "poll": "{kind}: {problem}",
    "at": "{address}: {problem}",
    "words": "{words}",
    # addresses
    "address.too_long": "the address is longer than {count} characters",
    "address.control": "the address holds a blank, a control character or a backslash",
    "address.malformed": "not an address: {words}",
    "address.scheme": "only http and https addresses are fetched, not {words}",
    "address.user": "an address with a user name in it is not fetched",
    "address.no_host": "the address names no host",
    "address.host": "{host} is not a public host",
    "address.host_name": "{host} is not the name of a host",
    "address.numeric": "{host} is an unusual spelling of a numeric address",
    "address.local_name": "{host} is a name of a local network",
    "address.private": "{host} is not a public address",
    "address.leads_to_private": "{host} leads to addresses that are not public",
    "address.invalid": "not an address that can be asked",
    # connections
    "dns": "the name {host} is not known",
    "tls": "no safe connection to {host}",
    "tls.because": "no safe connection to {host}: {words}",
    "refused": "no connection to {host}",
    "refused.because": "no connection to {host}: {words}",
    "timeout": "no whole answer within {seconds} s",
    "incomplete": "the answer did not arrive whole",
    "closed": "the connection was closed before an answer came",
    "not_http": "the answer is not sound HTTP",
    "broken": "the connection broke",
    "broken.because": "the connection broke: {words}",
    "broken.error": "the connection broke ({words})",
    # answers
    "partial": "206: a part, though all of it was asked for",
    "unasked_304": "304 without a question",
    "unasked_304.known": "304 Not Modified, though nothing was said of what is known",
    "redirect.no_target": "{status} without a Location",
    "redirect.no_address": "{status} to what is no address",
    "redirect.circle": "redirects in a circle",
    "redirect.many": "more than {count} redirects",
    "redirect.later": "{status} that may be followed in {seconds} s only",
    "too_large": "more than {bytes} bytes",
    "too_large.unpacked": "more than {bytes} bytes after decompression",
    "too_large.gdelt": "more than {bytes} bytes for a list of 250 articles",
    "cut": "the packed body ends in the middle",
    "unreadable_file": "cannot be read",
    # robots.txt
    "robots.forbids": "the site's robots.txt does not allow this page",
    "robots.unread": "robots.txt could not be read: {problem}",
    # parsing
    "parsing.seconds": "parsing took longer than {seconds} s",
    "parsing.memory": "parsing took more than {bytes} bytes of memory, or ended its process",
    "parsing.depth": "elements nested deeper than {count}",
    "parsing.attributes": "an element with more than {count} attributes",
    "parsing.entities": "more than {count} entities declared",
    "parsing.nested_entity": "an entity made of entities",
    "parsing.page": "the page could not be read ({words})",
    "not_a_feed": "not a feed",
    "not_a_feed.empty": "not a feed: the answer is empty",
    "not_a_feed.page": "not a feed: a web page",
    "not_a_feed.json": "not a feed: JSON, but no JSON Feed",
    "not_a_feed.broken_json": "not a feed: a JSON Feed of broken JSON",
    "not_a_feed.sitemap": 'not a feed: a sitemap (kind = "sitemap" reads these)',
    "not_a_feed.unreadable": "not a feed that can be read ({words})",
    "no_feed": "no feed",
    "not_a_page": "not a page: nothing in it can be read",
    "selector.invalid": "select = {selector} is no CSS selector: {words}",
    "selector.no_link": "select = {selector} finds no link on the page",
    "not_a_sitemap": "not a sitemap",
    "sitemap.empty_index": "an index without sitemaps",
    "sitemap.nested_index": "an index inside of an index",
    "not_a_list": "not an article list",
    "not_a_list.words": "not an article list: {words}",
    "not_a_list.empty": "not an article list: the answer is empty",
    "not_a_list.broken_json": "not an article list: broken JSON",
    # discovery
    "discovery.seconds": "{address}: no feed was found within {seconds} s",
    "discovery.nothing": "{address}: {problem}, and no feed is named there or found at the usual places",
})  # fmt: skip
"""Code → English. Numbers come as arguments in the form in which they are shown."""


class Problem(msgspec.Struct, frozen=True):
    """A code of SENTENCES and its arguments. An argument can be a problem itself: robots.txt that could not be read, and why."""

    code: str
    args: dict[str, str | int | Problem] = {}

    def __str__(self) -> str:
        """The English sentence."""
        return SENTENCES[self.code].format(**self.args)


class ProblemError(Exception):
    """An error whose reason is a Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
